"""Transfers whose encoder learns on: beside the frozen ones, or in their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import taskspace
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace.studies.taxonomy.plan.finetuned import finetuned

JOB = {
    "study": "taxonomy",
    "name": "adapt",
    "dataset": "digits",
    "tasks": ["identity", {"use": "loops", "role": "target"}],
    "sources": [{"use": "small_conv", "as": "outside", "width": 4, "factor": 8}],
    "encoder": {"use": "small_conv", "width": 4},
    "splits": {"train": 0.1, "transfer": 0.1, "select": 0.1, "test": 0.7},
    "train": {"epochs": 1},
    "transfer": {"max_order": 1, "images": 60, "epochs": 2, "batch": 30},
    "solve": {"budgets": [1], "random_policies": 0},
}
BOTH = JOB | {"transfer": JOB["transfer"] | {"adapt": ["frozen", "finetune"]}}
ALONE = JOB | {"transfer": JOB["transfer"] | {"adapt": "finetune"}}


def run(document: dict, place: Path) -> taskspace.Run:
    return taskspace.run(document, store=place / "s", runs=place / "r", executor="inline")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("adapt")


@pytest.fixture(scope="module")
def frozen(place) -> taskspace.Run:
    return run(JOB | {"name": "frozen"}, place)


@pytest.fixture(scope="module")
def both(place, frozen) -> taskspace.Run:
    return run(BOTH | {"name": "both"}, place)


@pytest.fixture(scope="module")
def alone(place, both) -> taskspace.Run:
    return run(ALONE | {"name": "alone"}, place)


def test_both_leave_tournaments_and_policies_to_the_frozen_transfers(frozen, both):
    for part in ("transfers", "policies", "pretrained"):
        assert both.result[part] == frozen.result[part]
    assert "adapt" not in frozen.result


def test_every_transfer_from_another_source_is_compared_with_its_seconds(both):
    rows = both.result["adapt"]["transfers"]
    assert {(row["source"], row["target"]) for row in rows} == {
        ("outside", "identity"), ("identity", "loops"), ("outside", "loops"),
    }  # fmt: skip
    losses = {
        (row["sources"][0], row["target"]): row["test"]["loss"]
        for row in both.result["transfers"]
        if not row["supervised"]
    }
    for row in rows:
        assert row["frozen_loss"] == pytest.approx(losses[row["source"], row["target"]])
        assert row["finetuned_loss"] != row["frozen_loss"]
    with np.load(both.folder / "arrays.npz") as arrays:
        seconds = arrays["adapt_seconds"]
    assert seconds.shape == (3, 2)
    assert (seconds > 0).all()
    assert "Frozen or fine-tuned" in both.report.read_text()
    assert "adapt-compared" in [finding.code for finding in both.findings]


def test_fine_tuned_transfers_decide_where_they_are_alone(both, alone):
    compared = {
        (row["source"], row["target"]): row["finetuned_loss"]
        for row in both.result["adapt"]["transfers"]
    }
    for row in alone.result["transfers"]:
        pair = row["sources"][0], row["target"]
        if pair in compared and not row["supervised"]:
            assert row["test"]["loss"] == pytest.approx(compared[pair])
    assert not alone.result["missing"]
    assert alone.result["policies"][0]["measured_on"] == "test"


def test_a_run_again_gives_the_same_result(place, both):
    assert run(BOTH | {"name": "both"}, place).result == both.result


def test_a_rate_of_nothing_leaves_an_encoder_where_it_was(place, both):
    """At a rate of almost 0 network and frozen transfer differ by the untrained readout alone."""
    transfer = BOTH["transfer"] | {"finetune_rate": 1e-12, "learning_rate": 1e-12}
    made = run(BOTH | {"name": "still", "transfer": transfer}, place)
    for row in made.result["adapt"]["transfers"]:
        assert row["finetuned_loss"] == pytest.approx(row["frozen_loss"], rel=1e-3)


@pytest.mark.parametrize(
    ("transfer", "path", "words"),
    [
        ({"adapt": "finetune"}, "transfer.adapt", "Set `max_order: 1`"),
        ({"adapt": "finetune", "max_order": 3}, "transfer.max_order", "Set `max_order: 1`"),
        (
            {"adapt": "finetune", "max_order": 1, "transitive": True},
            "transfer.transitive",
            "frozen encoders",
        ),
        ({"finetune_rate": 1e-3}, "transfer.finetune_rate", "has no use"),
        ({"adapt": ["frozen", "frozen"]}, "transfer.adapt.1", "twice"),
        ({"adapt": "thawed"}, "transfer.adapt", ""),
    ],
)
def test_what_cannot_be_fine_tuned_is_refused_at_its_place(transfer, path, words):
    with pytest.raises(JobInvalid) as raised:
        load_job(JOB | {"transfer": transfer}, catalogue=Registry.load(plugins=False))
    problems = {problem.path: problem.message for problem in raised.value.problems}
    assert words in problems[path], problems


def test_keys_of_frozen_transfers_do_not_depend_on_fine_tuning():
    registry = Registry.load(plugins=False)
    plans = [
        plans_of(load_job(document, catalogue=registry).job, KeyedPlanner(registry))[0]
        for document in (JOB, BOTH)
    ]
    keys = {plan.transfer(("identity",), "loops").key for plan in plans}
    assert len(keys) == 1
    assert finetuned(plans[1], "identity", "loops").key not in keys
