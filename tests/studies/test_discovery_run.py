"""A discovery from the job to the page: what stands in its result, and that it stands again."""

from __future__ import annotations

import json
import signal

import numpy as np
import pytest
import torch
from discovery_jobs import QUICK, arrays_of, discovery_job, run
from killed_runs import killed_after, stopped_in_search

import taskspace
from cli_process import command_environment
from taskspace.engine.storage.store import Store
from taskspace.errors import InputError
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.discovery.maths.agreement import agreement_score
from taskspace.studies.discovery.maths.splits import split_by_scores

FOUND = {"as": "found", "tasks": 2, **QUICK, "batch": 2}
NO_AGREEMENT = {**FOUND, "agreement": 0}
SPLITS = {"targets": ["parity"], "train": {"epochs": 4}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> taskspace.Run:
    return run(discovery_job(splits=SPLITS), tmp_path_factory.mktemp("discovery"))


def rung(made: taskspace.Run, name: str) -> dict:
    (own,) = (each for each in made.result["rungs"] if each["name"] == name)
    return own


def test_every_control_is_a_rung_and_a_comparison(undisturbed):
    controls = {"human", "random_linear", "random_network", "random_labels"}
    controls |= {"start", "without_agreement", "uniformity_only", "agreement_only"}
    assert {each["name"] for each in undisturbed.result["rungs"]} == controls | {"found"}
    assert {each["control"] for each in undisturbed.result["gains"]} == controls
    assert [each["kind"] for each in undisturbed.result["rungs"]].count("discovered") == 1
    means = [each["agreement"]["mean"] for each in undisturbed.result["rungs"]]
    assert means == sorted(means, reverse=True)


def test_random_labels_are_the_balanced_floor(undisturbed):
    floor = rung(undisturbed, "random_labels")
    assert floor["balance"] > 0.4
    assert 0.3 < floor["agreement"]["mean"] < 0.8
    sets = [each for each in undisturbed.result["sets"] if each["name"] == "random_labels"]
    assert all(task["accuracy"] is None for own in sets for task in own["tasks"])


def cells_of(made: taskspace.Run):
    """Return what gives the stored result of a cell by its name."""
    events = (made.folder / "events.jsonl").read_text().splitlines()
    keys = {event["subject"]: event["key"] for event in map(json.loads, events) if "key" in event}
    store = Store(made.folder.parents[1] / "store")
    return lambda name: store.get(keys[name])


def test_what_is_searched_for_starts_where_its_controls_start(undisturbed):
    cell = cells_of(undisturbed)
    found, start, other = (
        cell(name).weights() for name in ("search/found/0", "search/start/0", "search/found/1")
    )
    assert torch.equal(found["directions"], start["directions"])
    assert not torch.equal(found["directions"], other["directions"])
    assert all(not torch.equal(found[n], start[n]) for n in found if n.endswith("weight"))
    assert {each["name"] for each in undisturbed.result["searches"]} == {"found"}


def test_agreement_is_that_of_the_stored_predictions(undisturbed):
    """The score of one task, from the judges' own cells."""
    own = next(each for each in undisturbed.result["sets"] if each["name"] == "found")
    cell = cells_of(undisturbed)
    predictions = np.stack(
        [np.array(cell(f"judge/found/0/1/{i}").array("predictions")) for i in (1, 2)]
    ).astype(np.int64)
    same = float((predictions[0] == predictions[1]).mean())
    assert own["tasks"][0]["agreement"] == pytest.approx(same)
    score = agreement_score(predictions, predictions[0], 2)
    assert own["tasks"][0]["kappa"] == pytest.approx(score.kappa)


def test_a_class_is_halved_alike_by_every_rule(undisturbed):
    rules = {each["rule"] for each in undisturbed.result["splits"]}
    assert rules == {
        "random", "highest_loss", "random_labels", "random_linear", "random_network", "found",
    }  # fmt: skip
    arrays = arrays_of(undisturbed)
    known, used = arrays["known/parity"], arrays["used"]
    scores = arrays["scores/found/0"][used, 0].astype(float)
    halves = split_by_scores(known[used].astype(np.int64), scores)
    for part in (halves.train, halves.test):
        counts = np.bincount(known[used][part])
        assert abs(counts - np.bincount(known[used]) / 2).max() <= 0.5


def test_a_run_killed_anywhere_ends_with_the_same_numbers(undisturbed, forks, tmp_path):
    document = discovery_job(splits=SPLITS)
    file = tmp_path / "job.yaml"
    file.write_text(json.dumps(document))
    command = ("run", str(file), "--executor", "inline",
               "--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs"))  # fmt: skip
    for before in (killed_after(12), stopped_in_search(4)):
        killed = forks.start(command, command_environment({}), before=before)
        assert killed.wait().returncode == -signal.SIGKILL
    again = run(document, tmp_path)
    for name in ("result.json", "arrays.npz"):
        one, other = ((each.folder / name).read_bytes() for each in (again, undisturbed))
        assert one == other, name


def test_networks_that_do_not_learn_are_refused_with_the_setting_to_change(tmp_path):
    slow = {"as": "found", "tasks": 2, **QUICK, "inner_rate": 1e-5}
    made = run(discovery_job(discover=[slow], controls=["random_labels"], seeds=1), tmp_path)
    (missing,) = (each for each in made.result["missing"] if each["cell"] == "search/found/0")
    assert "do not learn" in missing["message"]
    assert "inner_rate" in missing["message"]
    assert "Change `inner_rate` first" in missing["message"]
    assert [each["name"] for each in made.result["rungs"]] == ["random_labels"]


def test_networks_that_diverge_are_refused_with_the_setting_to_change(tmp_path):
    wild = {"as": "found", "tasks": 2, **QUICK, "inner_rate": 1000}
    deep = {"use": "mlp", "width": 64, "depth": 8}
    document = discovery_job(
        network=deep, discover=[wild], controls=["random_labels"], seeds=1, train={"epochs": 1}
    )
    (missing,) = (
        each
        for each in run(document, tmp_path).result["missing"]
        if each["cell"] == "search/found/0"
    )
    assert "diverge in 5 of 5" in missing["message"]
    assert "Lower `inner_rate`" in missing["message"]


def test_other_searches(tmp_path):
    """More classes, codes in place of images, a task that stays readable, and free labels."""
    discover = [
        {"as": "three", "tasks": 2, "classes": 3, **QUICK},
        {"as": "coded", "tasks": 2, **QUICK, "sees": {"use": "small_conv", "width": 4}},
        {"as": "kept", "tasks": 1, "dimensions": 3, **QUICK, "keep": ["identity"]},
    ]
    longer = {"steps": 40, "inner_steps": 24, "learning_rate": 0.1, "agreement": 5.0}
    free = [{"as": "free", **QUICK, **longer}]
    document = discovery_job(
        discover=discover, free=free, seeds=1, controls=["random_linear", "human"]
    )
    made = run(document, tmp_path)
    arrays = arrays_of(made)
    assert arrays["labels/three/0"].max() == 2
    assert arrays["labels/coded/0"].shape == (1797, 2)
    assert {each["name"] for each in made.result["searches"]} == {"three", "coded", "kept"}
    # Controls have as many classes as the first search.
    assert np.isin(arrays["labels/three/0"], (0, 1, 2)).all()
    linear = next(each for each in made.result["sets"] if each["name"] == "random_linear")
    assert 0.25 < linear["tasks"][0]["balance"] <= 1 / 3 + 1e-9
    assert (arrays["labels/free/0"] >= 0).sum() == 128


def test_a_class_without_test_images_is_named(tmp_path):
    draw = np.random.default_rng(0)
    labels, part = draw.integers(0, 3, 60), np.array(["train"] * 40 + ["test"] * 20)
    labels[40:] %= 2
    features = draw.normal(size=(60, 8)).astype(np.float32)
    np.savez(tmp_path / "f.npz", features=features, kind=labels, part=part)
    dataset = {"use": "features_file", "file": str(tmp_path / "f.npz"), "labels": ["kind"]}
    document = discovery_job(
        dataset={**dataset, "part": "part"}, images=None, seeds=1, discover=[],
        tasks=[{"use": "classification", "field": "kind"}], train={"epochs": 1},
        controls=["human"],
    )  # fmt: skip
    made = run(document, tmp_path)
    assert made.result["absent"] == [{"task": "kind", "part": "test", "classes": ["2"]}]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": 32}, "two batches of 32"),
        ({"images": 2000}, "2000 are asked for"),
        ({"tasks": ["ink_moments"]}, "does not predict one class"),
        ({"tasks": [], "controls": ["human"]}, "'human' cannot be had"),
        ({"discover": [], "controls": ["start"]}, "'start' cannot be had"),
        ({"discover": [NO_AGREEMENT], "controls": ["agreement_only"]}, "nothing else moves"),
        (
            {"discover": [NO_AGREEMENT], "controls": ["without_agreement"]},
            "the search 'found' itse",
        ),
        ({"discover": [{**FOUND, "classes": 99}], "images": 98}, "99 classes.* 98"),
        ({"images": 4}, "set `batch` of the search to 2 or fewer"),
        ({"discover": [], "frozen": [{"encoders": ["mlp"], "classes": 129}]}, "129 classes.* 128"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_runs(changes, words, tmp_path):
    with pytest.raises(InputError, match=words):
        run(discovery_job(**changes), tmp_path)
    assert not (tmp_path / "store").exists() or not any((tmp_path / "store").rglob("*.npz"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"discover": [{"as": "found"}, {"as": "found"}]}, "Two searches are called 'found'"),
        ({"discover": [{"as": "human"}]}, "'human' is the name of a control"),
        ({"free": [{"as": "highest_loss"}]}, "'highest_loss' is the name of a control or a split"),
        ({"discover": [{"keep": ["parety"]}]}, "parety"),
        ({"splits": {"targets": ["parity", "loops"]}}, "loops"),
        ({"discover": [{"tasks": 4, "dimensions": 3}]}, "need 4 dimensions"),
        ({"controls": ["human", "human"]}, "twice"),
        ({"discover": [{"keep": ["parity", "parity"]}]}, "'parity' is in the list twice"),
        ({"splits": {"targets": ["parity", "parity"]}}, "'parity' is in the list twice"),
        ({"discover": [{"steps": 8}]}, "Agreement never counts"),
        ({"discover": [{"entropy": 0, "uniformity": 0}]}, "Set `warm_up` to 0"),
        ({"free": [{"entropy": 0}]}, "Set `warm_up` to 0"),
        ({"free": [{"entropy": 0, "agreement": 0}]}, "Nothing moves the labels"),
        ({"frozen": [{"encoders": ["mlp"], "dimensions": None}]}, "say how many"),
        ({"discover": [{"hypergradient": "xas", "inner_steps": 1}]}, "2 inner steps"),
    ],
)
def test_a_wrong_job_is_said_with_its_place(changes, words):
    with pytest.raises(InputError, match=words):
        load_job(discovery_job(**changes), catalogue=Registry.load(plugins=False))
