"""Whole runs of the taxonomy study: resume, reuse, independence, and who sees the test images."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Generator, Mapping
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from killed_runs import killed_after
from PIL import Image

import taskspace
from cli_process import Fork, Forks, command_environment
from taskspace.components import ComponentSpec, Stage
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.storage.store import Store
from taskspace.jobs import load_job
from taskspace.registry import Registry
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.stages.solve import solve
from taskspace.studies.taxonomy.stages.test import test as assess
from taskspace.studies.taxonomy.stages.train import train
from taskspace.studies.taxonomy.stages.transfer import transfer
from taskspace.studies.taxonomy.study import Taxonomy

CELLS = [each.name for each in fields(TaxonomyState) if each.name not in ("plans", "outcomes")]
"""What a state holds of the cells that were asked for."""


def job(*tasks, **changes) -> dict:
    return {
        "study": "taxonomy",
        "name": "small",
        "dataset": "digits",
        "tasks": list(tasks or ("identity", "edges_2d", "random_projection")),
        "encoder": {"use": "small_conv", "width": 4},
        "train": {"epochs": 1},
        "transfer": {"max_order": 2, "beam": 2, "images": 60, "epochs": 1, "batch": 30},
        "solve": {"budgets": [1, 2], "random_policies": 20},
    } | changes


def run(document: dict, place: Path, **options) -> taskspace.Run:
    options = {"executor": "inline"} | options
    return taskspace.run(document, store=place / "store", runs=place / "runs", **options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, taskspace.Run]:
    place = tmp_path_factory.mktemp("finished")
    torch.set_num_threads(2)  # a worker has one: the numbers may not depend on it
    try:
        return place, run(job(), place)
    finally:
        torch.set_num_threads(1)


def done(folder: Path) -> list[str]:
    """The cells that a run has computed, over all of its attempts."""
    lines = (folder / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return [event["subject"] for event in events if event["kind"] == "done"]


def test_a_run_answers_its_question(finished):
    _, made = finished
    assert [policy["budget"] for policy in made.result["policies"]] == [1.0, 2.0]
    for policy in made.result["policies"]:
        assert policy["status"] == "optimal"
        assert policy["measured_on"] == "test"
        assert set(policy["transfers"]) == {"identity", "edges_2d"}
        assert 0 <= policy["mean_quality"] <= 1
        low, high = policy["quality_interval"]
        assert low <= policy["mean_quality"] <= high
    rows = [row for row in made.result["transfers"] if row["target"] == "identity"]
    assert sum(row["affinity"] for row in rows) == pytest.approx(1.0)
    supervised = next(row for row in rows if row["supervised"])
    assert supervised["test"]["quality"][0] == 0.5
    assert made.result["missing"] == []
    assert made.report.read_text().startswith("<!doctype html>")
    assert "identity" in made._repr_html_()


def test_running_again_computes_nothing(finished):
    place, made = finished
    before = done(made.folder)
    again = run(job(), place)
    assert done(again.folder) == before
    assert again.result == made.result


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_results_do_not_depend_on_executor_and_workers(finished, tmp_path, workers):
    _, made = finished
    elsewhere = run(job(), tmp_path, executor="local", workers=workers)
    assert elsewhere.result == made.result


def test_one_more_task_recomputes_only_what_depends_on_it(finished):
    place, made = finished
    more = run(job("identity", "edges_2d", "random_projection", "loops"), place)
    summaries = ("affinity/", "assess/", "solve/", "evaluate/", "null/", "counts")
    fresh = [name for name in done(more.folder) if not name.startswith(summaries)]
    # `loops` is the new source or target of each, or a second-order set that it changed.
    assert all("loops" in name or name.count("+") for name in fresh)
    assert not [name for name in fresh if name.startswith("train/") and "loops" not in name]
    measured = {
        (row["target"], *row["sources"], row["supervised"]): row["test"]
        for row in more.result["transfers"]
    }
    for row in made.result["transfers"]:
        same = measured.get((row["target"], *row["sources"], row["supervised"]))
        if same is not None:
            assert {k: same[k] for k in ("loss", "metric")} == {
                k: row["test"][k] for k in ("loss", "metric")
            }
    kept = [row for row in made.result["transfers"] if row["order"] == 1]
    assert all((r["target"], *r["sources"], r["supervised"]) in measured for r in kept)
    sanity = {task["name"]: task["sanity"] for task in more.result["tasks"]}
    assert all(sanity[task["name"]] == task["sanity"] for task in made.result["tasks"])


def test_a_readout_does_not_depend_on_its_companions(finished, tmp_path):
    _, made = finished
    alone = run(job("identity", "edges_2d"), tmp_path)
    rows = {
        (row["target"], *row["sources"], row["supervised"]): row["test"]["loss"]
        for row in made.result["transfers"]
    }
    shared = [row for row in alone.result["transfers"] if row["order"] == 1]
    assert len(shared) == 6
    for row in shared:
        key = (row["target"], *row["sources"], row["supervised"])
        assert row["test"]["loss"] == rows[key]


def start(forks: Forks, document: Path, place: Path, *options: str, before: str = "") -> Fork:
    """Start `tasks run` in a process of its own."""
    places = ("--store", str(place / "store"), "--runs", str(place / "runs"))
    command = ("run", str(document), *places, *options)
    return forks.start(command, command_environment({}), before=before)


@pytest.mark.parametrize(
    ("kills", "workers"), [(1, 1), pytest.param(10, 2, marks=pytest.mark.slow)]
)
def test_a_run_killed_at_random_moments_ends_with_the_same_numbers(
    finished, forks, tmp_path, kills, workers
):
    _, undisturbed = finished
    document = tmp_path / "job.yaml"
    document.write_text(json.dumps(job()))
    moments = random.Random(0)
    journal = tmp_path / "runs" / undisturbed.folder.name / "events.jsonl"
    cells = len(done(undisturbed.folder))
    for _ in range(kills):
        before = len(done(journal.parent)) if journal.exists() else 0
        # After a random number of further cells; its workers are somewhere within the next ones.
        further = moments.randrange(1, max(2, (cells - before) // 3))
        killed = killed_after(further)
        process = start(forks, document, tmp_path, "--workers", str(workers), before=killed)
        assert process.wait().returncode == -signal.SIGKILL
    assert start(forks, document, tmp_path, "--executor", "inline").wait().returncode == 0
    ended = json.loads((tmp_path / "runs" / undisturbed.folder.name / "result.json").read_text())
    assert ended == json.loads((undisturbed.folder / "result.json").read_text())


def test_two_runs_on_one_store_do_not_harm_each_other(finished, forks, tmp_path):
    _, undisturbed = finished
    processes = []
    for name in ("a", "b"):
        document = tmp_path / f"{name}.yaml"
        document.write_text(json.dumps(job(name=name)))
        processes.append(start(forks, document, tmp_path, "--executor", "inline"))
    assert [process.wait().returncode for process in processes] == [0, 0]
    for name in ("a", "b"):
        (result,) = (tmp_path / "runs").glob(f"{name}-*/result.json")
        assert json.loads(result.read_text()) | {"name": "small"} == undisturbed.result


@pytest.fixture
def folder(tmp_path) -> Path:
    """Digits as a user's folder of images, in class subfolders."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    for i in range(240):
        target = tmp_path / "images" / ("round" if digits.target[i] in (0, 6, 8, 9) else "open")
        target.mkdir(parents=True, exist_ok=True)
        pixels = (digits.images[i] * 15.9).astype(np.uint8)
        Image.fromarray(pixels).save(target / f"{i:03}.png")
    return tmp_path / "images"


def folder_job(root: Path, **changes) -> dict:
    tasks = [{"use": "classification", "field": "class", "as": "round"}, "edges_2d", "autoencoding"]
    dataset = {"use": "image_folder", "root": str(root), "size": 8, "channels": 1}
    return (
        job(*tasks)
        | {
            "dataset": dataset,
            "transfer": {"max_order": 1, "epochs": 1, "batch": 20},
        }
        | changes
    )


def test_nothing_that_decides_has_seen_the_test_images(folder, tmp_path):
    before = run(folder_job(folder), tmp_path)
    loaded = load_job(folder_job(folder), catalogue=Registry.load(plugins=False))
    plan, *_ = plans_of(loaded.job, KeyedPlanner(Registry.load(plugins=False)))
    from taskspace.learning.splits import split_indices

    dataset = plan.dataset
    test = split_indices(dataset.length(), None, loaded.job.splits.model_dump(), 0)["test"]
    files = sorted(folder.rglob("*.png"))
    noise = np.random.default_rng(0)
    for index in test:
        pixels = noise.integers(0, 255, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(files[index])
    after = run(folder_job(folder), tmp_path)

    decided = ("budget", "objective", "supervised", "transfers")
    assert [[p[key] for key in decided] for p in before.result["policies"]] == [
        [p[key] for key in decided] for p in after.result["policies"]
    ]
    for old, new in zip(before.result["transfers"], after.result["transfers"], strict=True):
        assert (old["sources"], old["affinity"], old["select"]) == (
            new["sources"], new["affinity"], new["select"],
        )  # fmt: skip
    losses = [[row["test"]["loss"] for row in r.result["transfers"]] for r in (before, after)]
    assert losses[0] != losses[1]


def driven(stages: Generator, store: Store, outcomes: Mapping = {}) -> tuple[list[Stage], Any]:
    """Return what stages ask for and what they return, sent the results that are stored."""
    asked: list[Stage] = []
    try:
        stage = next(stages)
        while True:
            asked.append(stage)
            outcomes = {**outcomes, **{cell.key: store.get(cell.key) for cell in stage.cells}}
            stage = stages.send(outcomes)
    except StopIteration as end:
        return asked, end.value


def stages_of(document: dict, until: str | None = None) -> Generator:
    loaded = load_job(document, catalogue=Registry.load(plugins=False))
    return Taxonomy().stages(loaded.job, KeyedPlanner(Registry.load(plugins=False)), until)


def test_no_cell_that_a_policy_rests_on_names_the_test_split(finished):
    place, _ = finished
    asked, _ = driven(stages_of(job()), Store(place / "store"))
    decided = [cell for stage in asked if stage.name != "test" for cell in stage.cells]
    assert {cell.name for cell in decided} >= {"solve/policies", "affinity/identity"}
    for cell in decided:
        assert cell.parameters.get("split") != "test", cell.name
        assert "test" not in cell.parameters.get("of", ()), cell.name


@pytest.mark.parametrize("last", ["train", "transfer", "solve"])
def test_a_job_up_to_a_stage_asks_for_what_the_whole_job_asks_for_first(finished, last):
    place, _ = finished
    whole, _ = driven(stages_of(job()), Store(place / "store"))
    asked, answer = driven(stages_of(job(), until=last), Store(place / "store"))
    assert asked == whole[: len(asked)]
    assert asked[-1].name == last != whole[len(asked)].name
    assert bool(answer.result.transfers) == (last != "train")
    assert bool(answer.result.policies) == (last == "solve")


def test_a_stage_changes_nothing_that_the_one_before_returned(finished):
    place, _ = finished
    store = Store(place / "store")
    loaded = load_job(job(), catalogue=Registry.load(plugins=False))
    plans = plans_of(loaded.job, KeyedPlanner(Registry.load(plugins=False)))
    _, state = driven(train(plans), store)
    for stage in (transfer, solve, assess):
        before = {name: deepcopy(getattr(state, name)) for name in CELLS}
        _, after = driven(stage(state), store, state.outcomes)
        assert {name: getattr(state, name) for name in CELLS} == before
        assert after != state
        state = after


def test_a_field_that_the_dataset_lacks_is_named(tmp_path):
    with pytest.raises(taskspace.errors.InputError, match=r"needs the field 'weight'.*digit"):
        run(job("identity", {"use": "regression", "field": "weight"}), tmp_path)


def test_the_study_can_be_made_by_name():
    study = Registry.load(plugins=False).component(ComponentSpec("study", "taxonomy"))
    assert study.stage_names == ("train", "transfer", "solve", "test")


def labelled(folder: Path, **columns) -> Path:
    """Write labels.csv with numbers a file: `label(index, split)` a column, blank for None."""
    from taskspace.learning.splits import split_indices

    files = sorted(folder.rglob("*.png"))
    shares = {"train": 0.5, "transfer": 0.15, "select": 0.15, "test": 0.2}
    split_of = {
        index: name
        for name, part in split_indices(len(files), None, shares, 0).items()
        for index in part
    }
    lines = [["file", *columns]]
    for i, path in enumerate(files):
        labels = [label(i, split_of[i]) for label in columns.values()]
        lines.append(
            [str(path.relative_to(folder)), *("" if v is None else str(v) for v in labels)]
        )
    (folder / "labels.csv").write_text("\n".join(map(",".join, lines)) + "\n")
    return folder


def weighed(folder: Path, **changes) -> dict:
    tasks = ["edges_2d", "autoencoding", {"use": "regression", "field": "weight", "as": "weight"}]
    return folder_job(folder) | {"tasks": tasks} | changes


def test_labels_that_are_missing_or_enormous_cost_their_own_task_alone(folder, tmp_path):
    splits = ("train", "transfer", "select", "test")
    odd = {f"without_{name}": (name, None) for name in splits}
    odd |= {f"enormous_{name}": (name, 1e38) for name in ("train", "select", "test")}
    columns = {
        task: lambda i, where, there=there, label=label: label if where == there else i % 7
        for task, (there, label) in odd.items()
    }
    labelled(folder, **columns, infinite=lambda i, where: 3e38)
    odd["infinite"] = ("everywhere", 3e38)
    tasks = ["edges_2d", "autoencoding"]
    tasks += [{"use": "regression", "field": name, "as": name} for name in odd]
    made = run(folder_job(folder) | {"tasks": tasks}, tmp_path)
    said = {
        name: " ".join(r["message"] for r in made.result["missing"] if name in r["cell"])
        for name in odd
    }
    for name in splits[:3]:
        assert "label" in said[f"without_{name}"]
    for name in ("train", "select", "test"):
        assert "finite" in said[f"enormous_{name}"] or "became" in said[f"enormous_{name}"]
    failed = {row["cell"]: row["message"] for row in made.result["missing"]}
    assert "'regression' became inf at step 1" in failed["train/infinite"], failed
    # Test labels decide nothing: the task stays, and the means leave it out.
    assert any("label for without_test" in finding.text for finding in made.findings)
    (policy,) = made.result["policies"][:1]
    assert policy["mean_gain"] is not None
    assert {"edges_2d", "autoencoding", "without_test"} <= set(policy["transfers"])
    assert made.report.exists()


@pytest.mark.slow
def test_labels_that_changed_between_two_runs_of_one_process_are_seen(folder, tmp_path):
    labelled(folder, weight=lambda i, _: i % 7)
    run(weighed(folder), tmp_path / "one")
    labelled(folder, weight=lambda i, _: (i * 5) % 11)
    changed = run(weighed(folder), tmp_path / "one")
    fresh = run(weighed(folder), tmp_path / "two", executor="local", workers=1)
    assert changed.result == fresh.result


def test_data_that_changes_while_a_run_reads_it_leaves_nothing_behind(folder, tmp_path):
    from taskspace.engine.run import Place, execute

    labelled(folder, weight=lambda i, _: i % 7)
    place = Place(tmp_path / "store", tmp_path / "runs", ComponentSpec("executor", "inline"))
    registry = Registry.load(plugins=False)
    loaded = load_job(weighed(folder), catalogue=registry)
    events = []

    def meddle(event):
        events.append(event)
        if event.kind == "done" and event.subject == "train/autoencoding":
            labelled(folder, weight=lambda i, _: (i * 5) % 11)

    with pytest.raises(taskspace.errors.DataError, match="changed while the run was under way"):
        execute(loaded, place, registry, listeners=(meddle,))
    assert sum(event.kind == "done" for event in events) > 10
    elsewhere = Place(tmp_path / "fresh", tmp_path / "runs", ComponentSpec("executor", "inline"))
    again, fresh = (execute(loaded, p, registry).answer.result for p in (place, elsewhere))
    assert again == fresh


def test_a_target_only_task_is_valued_by_its_quality(tmp_path):
    tasks = ["edges_2d", "denoising", {"use": "loops", "role": "target"}]
    solve = {"budgets": [1], "coefficient": "quality", "random_policies": 5}
    document = job(*tasks, solve=solve, transfer={"max_order": 1, "images": 60, "epochs": 1})
    made = run(document, tmp_path)
    (policy,) = made.result["policies"]
    assert set(policy["transfers"]) == {"edges_2d", "denoising", "loops"}
    assert "loops" not in policy["supervised"]


def test_a_solver_that_fails_is_asked_again(tmp_path, monkeypatch):
    from taskspace.components import Solution
    from taskspace_plugins.solvers.highs import Highs

    # With `strong` our own bounds leave it nothing to do.
    solve = {"budgets": [1], "solver": "highs", "formulation": "per_source"}
    document = job("identity", "edges_2d", solve=solve)
    with monkeypatch.context() as patch:
        patch.setattr(Highs, "solve", lambda *_: Solution("error", message="out of order"))
        failed = run(document, tmp_path)
    assert failed.result["policies"][0]["status"] == "error"
    assert "out of order" in failed.result["policies"][0]["message"]
    assert run(document, tmp_path).result["policies"][0]["status"] == "optimal"


def test_more_transfer_images_retrain_no_task_network(finished):
    place, _ = finished
    document = job()
    document["transfer"] = document["transfer"] | {"images": 70}
    more = run(document, place)
    assert not [n for n in done(more.folder) if n.startswith(("train/", "probe/", "constant/"))]


def test_too_many_transfer_images_are_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(taskspace.errors.DataError, match=r"transfer split has .* 9999"):
        run(job("identity", transfer={"images": 9999}), tmp_path)
    assert not list((tmp_path / "store" / "objects").iterdir())


def test_default_budgets_count_label_costs(tmp_path):
    tasks = [{"use": name, "label_cost": 20} for name in ("identity", "edges_2d", "denoising")]
    document = job()
    document |= {"tasks": tasks, "solve": {"random_policies": 0}}
    document["transfer"] = {"max_order": 1, "images": 60, "epochs": 1}
    budgets = [policy["budget"] for policy in run(document, tmp_path).result["policies"]]
    assert budgets == [20.0, 40.0]


def test_two_runs_in_threads_give_the_numbers_of_one(finished, tmp_path):
    from threading import Thread

    _, alone = finished
    results = {}

    def go(name):
        results[name] = run(job(name=name), tmp_path / name).result

    threads = [Thread(target=go, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results.values():
        assert result | {"name": "small"} == alone.result
