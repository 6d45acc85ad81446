"""Repetitions: they share data and test images, add to what is stored, and decide together."""

from __future__ import annotations

import json

import numpy as np
import pytest

import taskspace
from taskspace.errors import JobInvalid
from taskspace.jobs import load_job
from taskspace.learning.splits import split_indices
from taskspace.registry import Registry
from taskspace.studies.taxonomy.job import SPLITS

SHARES = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}
JOB = {
    "study": "taxonomy",
    "name": "seeds",
    "dataset": "digits",
    "tasks": ["identity", "loops", "denoising"],
    "encoder": {"use": "small_conv", "width": 4},
    "train": {"epochs": 1},
    "transfer": {"max_order": 2, "beam": 2, "images": 60, "epochs": 1},
    "solve": {"budgets": [1], "random_policies": 0},
}


@pytest.mark.parametrize("groups", [None, [f"building{i % 17}" for i in range(300)]])
def test_repetitions_share_the_test_images_and_divide_the_others_anew(groups):
    parts = [split_indices(300, groups, SHARES, 5, repetition) for repetition in range(3)]
    for part in parts:
        np.testing.assert_array_equal(part["test"], parts[0]["test"])
        assert sorted(np.concatenate([part[name] for name in SPLITS])) == list(range(300))
        if groups:
            homes = [{groups[i] for i in part[name]} for name in SPLITS]
            assert sum(map(len, homes)) == len(set(groups))
        else:
            assert [len(part[name]) for name in SPLITS] == [150, 45, 45, 60]
    assert len({tuple(part["train"]) for part in parts}) == 3


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("seeds")


def run(place, seeds) -> taskspace.Run:
    job = JOB | {"seeds": seeds}
    return taskspace.run(job, store=place / "s", runs=place / "r", executor="inline")


def done(made: taskspace.Run) -> list[str]:
    lines = (made.folder / "events.jsonl").read_text().splitlines()
    return [e["subject"] for e in map(json.loads, lines) if e["kind"] == "done"]


@pytest.fixture(scope="module")
def runs(place) -> tuple[taskspace.Run, taskspace.Run]:
    return run(place, 1), run(place, 2)


def test_more_seeds_reuse_what_is_stored(runs):
    one, two = runs
    first = set(done(one))
    assert {"train/identity", "transfer/loops->identity"} <= first
    more = done(two)
    # Sets of sources are chosen by all repetitions together, so the first may train others too.
    again = [name for name in more if name in first and name.startswith(("train/", "examples/"))]
    assert not again
    assert {"train/identity@1", "transfer/loops->identity@1"} <= set(more)
    assert not [name for name in more if name.startswith(("images/", "examples/"))]


def test_the_labels_come_from_mean_affinities(runs):
    _, two = runs
    (policy,) = two.result["policies"]
    for target in ("identity", "loops", "denoising"):
        rows = [row for row in two.result["transfers"] if row["target"] == target]
        assert sum(row["affinity"] for row in rows) == pytest.approx(1.0)
    stability = policy["stability"]
    assert stability["seeds"] == 2 and set(stability["shares"].values()) <= {0.0, 0.5, 1.0}
    chosen = [stability["shares"][name] for name in policy["supervised"]]
    assert stability["stable"] == all(share >= 2 / 3 for share in chosen)
    assert two.result["seeds"] == [0, 1]


def test_one_seed_warns_and_several_do_not(runs):
    one, two = runs
    assert "one-seed" in {found.code for found in one.findings}
    assert "one-seed" not in {found.code for found in two.findings}
    assert one.result["policies"][0]["stability"] is None


def test_intervals_over_seeds_are_wider(runs):
    one, two = [r.result["policies"][0]["gain_interval"] for r in runs]
    assert two[1] - two[0] > one[1] - one[0]


@pytest.mark.slow
def test_the_numbers_do_not_depend_on_who_computes(runs, tmp_path):
    _, two = runs
    elsewhere = taskspace.run(
        JOB | {"seeds": 2}, store=tmp_path / "s", runs=tmp_path / "r", executor="local", workers=2
    )
    assert elsewhere.result == two.result


def test_a_seed_given_twice_is_refused_at_its_place():
    with pytest.raises(JobInvalid, match="1 is in the list twice"):
        load_job(JOB | {"seeds": [0, 1, 1]}, catalogue=Registry.load(plugins=False))
