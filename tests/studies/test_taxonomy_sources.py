"""Pretrained sources in whole runs: who competes, what they cost, and what stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import taskspace
from taskspace.engine.planner import KeyedPlanner
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace_plugins.encoders.small_conv import SmallConv

OUTSIDE = {"use": "small_conv", "as": "outside", "width": 4, "factor": 8}
"""Codes of 1x1 beside task networks' 2x2; random weights, which a warning says."""

JOB = {
    "study": "taxonomy",
    "name": "small",
    "dataset": "digits",
    "tasks": ["identity", "edges_2d", {"use": "loops", "role": "target"}],
    "encoder": {"use": "small_conv", "width": 4},
    "train": {"epochs": 1},
    "transfer": {"max_order": 2, "beam": 3, "images": 60, "epochs": 1, "batch": 30},
    "solve": {"budgets": [0, 1], "random_policies": 20, "admit": "all"},
}
SUMMARIES = ("affinity/", "assess/", "solve/", "evaluate/", "null/")
"""What looks at all competitors."""


def run(document: dict, place: Path, **options) -> taskspace.Run:
    options = {"executor": "inline"} | options
    return taskspace.run(document, store=place / "store", runs=place / "runs", **options)


def done(folder: Path) -> list[str]:
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [e["subject"] for e in map(json.loads, lines) if e["kind"] == "done"]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.fixture(scope="module")
def before(place) -> taskspace.Run:
    return run(JOB, place)


@pytest.fixture(scope="module")
def beside(before, place) -> taskspace.Run:
    return run(JOB | {"name": "beside", "sources": [OUTSIDE]}, place)


def test_a_source_competes_in_every_order_and_for_every_target(beside):
    rows = [row for row in beside.result["transfers"] if "outside" in row["sources"]]
    assert {(row["target"], row["order"]) for row in rows} >= {
        (target, order) for target in ("identity", "edges_2d", "loops") for order in (1, 2)
    }
    assert all(row["test"]["gain"] for row in rows)


def test_a_source_is_neither_a_task_nor_a_target(beside):
    assert "outside" not in {task["name"] for task in beside.result["tasks"]}
    assert "outside" not in {row["target"] for row in beside.result["transfers"]}


def test_a_source_recomputes_nothing_that_does_not_depend_on_it(before, beside):
    fresh = [name for name in done(beside.folder) if not name.startswith(SUMMARIES)]
    assert fresh
    assert all("outside" in name for name in fresh), fresh
    losses = [
        {
            (row["target"], *row["sources"], row["supervised"]): row["test"]["loss"]
            for row in made.result["transfers"]
        }
        for made in (before, beside)
    ]
    assert losses[0].items() <= losses[1].items()


def test_a_job_without_sources_has_no_trace_of_them(before):
    assert "pretrained" not in before.result
    assert not [policy for policy in before.result["policies"] if "pretrained" in policy]
    assert "Pretrained" not in before.report.read_text()


def test_a_free_source_serves_where_no_label_can_be_bought(beside):
    nothing, one = beside.result["policies"]
    assert nothing["cost"] == 0
    assert "outside" not in [*nothing["supervised"], *one["supervised"]]
    for policy in (nothing, one):
        used = {source for sources in policy["transfers"].values() for source in sources}
        assert ("outside" in policy["pretrained"]) == ("outside" in used)
    assert nothing["pretrained"] == ["outside"]


def test_a_source_that_costs_is_paid_from_the_budget(place, before):
    document = JOB | {"name": "dear", "sources": [OUTSIDE | {"label_cost": 1}]}
    document["solve"] = JOB["solve"] | {"budgets": [0, 0.5]}
    made = run(document, place)
    assert [policy["pretrained"] for policy in made.result["policies"]] == [[], []]
    enough = run(document | {"solve": JOB["solve"] | {"budgets": [1]}, "name": "enough"}, place)
    (policy,) = enough.result["policies"]
    assert policy["cost"] == len([*policy["pretrained"], *set(policy["supervised"]) - {"edges_2d"}])


def test_where_all_is_admitted_no_transfer_is_said_not_to_be(before):
    (note,) = (found for found in before.findings if found.code == "below-constant")
    assert "policies may use all of them" in note.text
    assert "admitted" not in note.text and "without admission" not in note.text


def test_the_advice_says_what_a_source_costs(place, before):
    document = JOB | {"name": "priced", "sources": [OUTSIDE | {"label_cost": 0.5}]}
    document["solve"] = JOB["solve"] | {"forbidden": ["identity", "edges_2d"], "budgets": [1]}
    (advice,) = (found for found in run(document, place).findings if found.code == "advice")
    assert "Pretrained: outside (cost 0.5)." in advice.text


def test_codes_that_are_not_finite_are_blamed_on_their_source(place, before):
    huge = SmallConv(width=4, factor=8).build((1, 8, 8)).state_dict()
    torch.save({name: torch.full_like(value, 1e30) for name, value in huge.items()}, place / "w.pt")
    source = {"use": "weights_file", "path": str(place / "w.pt"), "as": "broken"} | {
        "encoder": {"use": "small_conv", "width": 4, "factor": 8},
        "mean": [0],
        "std": [1],
        "side": None,
    }
    made = run(JOB | {"name": "broken", "sources": [source]}, place)
    first, *waiting = made.result["missing"]
    assert first["cell"] == "encode/broken/image/0"
    assert "gives codes that are not finite" in first["message"]
    assert not [row for row in waiting if "The loss of the task" in row["message"]]
    codes = {finding.code: finding.text for finding in made.findings}
    assert "Nothing is known of broken" in codes["source-unmeasured"]
    assert not {"labels-beside-pretrained", "pretrained-source"} & set(codes)


def test_a_forbidden_source_serves_nothing(place, before):
    document = JOB | {"name": "forbidden", "sources": [OUTSIDE]}
    document["solve"] = JOB["solve"] | {"forbidden": ["outside"]}
    made = run(document, place)
    for policy in made.result["policies"]:
        assert policy["pretrained"] == []
        assert not [s for s in policy["transfers"].values() if "outside" in s]


def test_labels_may_all_be_forbidden(place, before):
    document = JOB | {"name": "alone", "sources": [OUTSIDE]}
    document["solve"] = JOB["solve"] | {"forbidden": ["identity", "edges_2d"], "budgets": [0]}
    (policy,) = run(document, place).result["policies"]
    assert policy["supervised"] == []
    assert policy["pretrained"] == ["outside"]


def test_every_task_may_be_a_target_alone(place):
    document = JOB | {
        "name": "targets",
        "tasks": [{"use": name, "role": "target"} for name in ("identity", "loops")],
        "sources": [OUTSIDE],
        "transfer": JOB["transfer"] | {"max_order": 1},
        "solve": {"random_policies": 0},
    }
    made = run(document, place)
    assert [policy["budget"] for policy in made.result["policies"]] == [0]
    assert made.result["pretrained"]["sources"][0]["targets"] == []


def test_the_result_compares_with_the_best_labelled_source(beside):
    (source,) = beside.result["pretrained"]["sources"]
    assert (source["name"], source["encoder"], source["label_cost"]) == ("outside", "small_conv", 0)
    first = [row for row in beside.result["transfers"] if row["order"] == 1]
    metrics = {(row["target"], row["sources"][0]): row["test"]["metric"] for row in first}
    for row in source["targets"]:
        labelled = [
            r["sources"][0]
            for r in first
            if r["target"] == row["target"] not in r["sources"] and r["sources"] != ["outside"]
        ]
        assert row["labelled"] == labelled[0]  # the best affinity first
        assert row["metric"] == metrics[row["target"], "outside"]
        assert row["labelled_metric"] == metrics[row["target"], row["labelled"]]
    wins = [row["wins"][0] for row in source["targets"]]
    assert source["mean_wins"][0] == pytest.approx(np.mean(wins))


def test_policies_with_and_without_are_those_of_the_program(beside, before):
    for row, policy in zip(
        beside.result["pretrained"]["budgets"], beside.result["policies"], strict=True
    ):
        assert row["gain"]["both"][0] == pytest.approx(policy["mean_gain"])
        for added, less in (("added_by_labels", "pretrained"), ("added_by_pretrained", "labels")):
            difference = row["gain"]["both"][0] - row["gain"][less][0]
            assert row["gain"][added][0] == pytest.approx(difference, abs=1e-9)
    nothing = beside.result["pretrained"]["budgets"][0]
    assert nothing["labels"] == []
    assert nothing["gain"]["added_by_labels"] == [0, 0, 0]


def test_the_sentence_opens_the_page(beside):
    codes = {finding.code: finding for finding in beside.findings}
    assert {"pretrained-source", "labels-beside-pretrained", "source-untrained"} <= set(codes)
    page = beside.report.read_text()
    section = page.index("<h2", page.index("<h2") + 1)
    assert page.index("findings") < page.index(codes["pretrained-source"].text[:40]) < section
    assert "Pretrained sources" in page


def test_results_do_not_depend_on_executor_and_workers(beside, tmp_path):
    document = JOB | {"name": "beside", "sources": [OUTSIDE]}
    elsewhere = run(document, tmp_path, executor="local", workers=2)
    assert elsewhere.result == beside.result


def test_stages_can_be_run_one_by_one(place, beside):
    document = JOB | {"name": "beside", "sources": [OUTSIDE]}
    for last in ("train", "transfer", "solve"):
        stopped = run(document, place, until=last)
        assert stopped.result["pretrained"]["sources"][0]["targets"] == []


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> dict:
    """Two plain sorts of images that any encoder tells apart."""
    folder, random = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    rows = ["image,bright,wide"]
    for i in range(60):
        bright, wide = i % 2, i % 3 == 0
        pixels = random.integers(0, 60, (12, 12, 3)) + 120 * bright
        pixels[4:8, (0 if wide else 5) : (12 if wide else 7)] = 250 - 200 * bright
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i:02}.png")
        rows.append(f"{i:02}.png,{'yes' if bright else 'no'},{'yes' if wide else 'no'}")
    (folder / "labels.csv").write_text("\n".join(rows))
    dataset = {"use": "image_folder", "root": str(folder), "size": 12}
    tasks = [{"use": "classification", "field": f, "as": f} for f in ("bright", "wide")]
    return JOB | {
        "name": "photographs",
        "dataset": dataset,
        "tasks": [*tasks, "edges_2d"],
        "splits": {"train": 0.3, "transfer": 0.3, "select": 0.2, "test": 0.2},
        "transfer": {"max_order": 2, "epochs": 2, "batch": 8},
        "sources": [{"use": "efficientnet_lite", "as": "imagenet", "side": 32}],
    }


def test_published_weights_see_every_image_once_whatever_the_seeds(photographs, tmp_path):
    made = run(photographs | {"seeds": 2}, tmp_path)
    passes = [name for name in done(made.folder) if name.startswith("encode/")]
    assert passes == ["encode/imagenet/image/0"]
    assert not made.result["missing"]
    codes = [finding.code for finding in made.findings]
    assert "pretrained-source" in codes
    assert "source-untrained" not in codes
    (source,) = made.result["pretrained"]["sources"]
    assert source["starts_from"] == "the published weights of ImageNet"
    text = next(f.text for f in made.findings if f.code == "pretrained-source")
    assert "imagenet (the published weights of ImageNet) beats" in text
    assert "over images and 2 seeds" in text
    # The codes of a vector serve a map: edges are dense, and its task networks have maps.
    rows = [r for r in made.result["transfers"] if r["target"] == "edges_2d"]
    assert any(r["order"] == 2 and "imagenet" in r["sources"] for r in rows)


def test_codes_do_not_depend_on_splits_and_images_of_the_transfer(photographs):
    registry = Registry.load(plugins=False)
    keys = set()
    for change in ({}, {"seed": 3}, {"transfer": {"images": 5}}):
        job = load_job(photographs | change, catalogue=registry).job
        plan, *_ = plans_of(job, KeyedPlanner(registry))
        keys |= {cell.key for cell in plan.encoded("imagenet", "bright").values()}
    assert len(keys) == 1


def test_a_source_that_starts_at_random_is_drawn_anew_in_each_repetition():
    registry = Registry.load(plugins=False)
    job = load_job(JOB | {"sources": [OUTSIDE], "seeds": 2}, catalogue=registry).job
    plans = plans_of(job, KeyedPlanner(registry))
    one, two = (plan.encoded("outside", "loops")["encoded0"] for plan in plans)
    assert one.key != two.key


def test_targets_with_inputs_of_their_own_have_codes_of_their_own():
    registry = Registry.load(plugins=False)
    document = JOB | {"sources": [OUTSIDE], "tasks": ["loops", "denoising", "jigsaw"]}
    plan, *_ = plans_of(load_job(document, catalogue=registry).job, KeyedPlanner(registry))
    shown = {
        target: [cell.name for cell in plan.encoded("outside", target).values()]
        for target in ("loops", "denoising")
    }
    assert shown["loops"] == ["encode/outside/image/0", "encode/outside/image/1"]
    assert shown["denoising"] == ["encode/outside/denoising/0", "encode/outside/denoising/1"]
