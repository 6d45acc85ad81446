"""Whole runs of the multitask study: the answer, resuming, reuse, and what goes wrong."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from killed_runs import killed_after

import taskspace
from cli_process import command_environment
from taskspace.components import ComponentSpec
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import DataError, InputError, JobInvalid
from taskspace.jobs import load_job
from taskspace.learning.splits import split_of
from taskspace.registry import Registry
from taskspace.studies.multitask.plan.cells import plan_of
from taskspace.studies.multitask.result.model import MultitaskResult
from taskspace.studies.multitask.result.tables import summary_table

SCHEMES = ["shared", "separate", {"use": "multi_clustering", "experts": 3, "as": "clusters"}]


def job(**changes) -> dict:
    return {
        "study": "multitask",
        "name": "small",
        "dataset": "digits",
        "tasks": ["parity", "loops"],
        "schemes": SCHEMES,
        "encoder": {"use": "mlp", "width": 8},
        "train": {"steps": 12, "batch": 16, "eval_every": 6},
        "sizes": [60, 20],
        "seeds": 2,
    } | changes


def run(document: dict, place: Path, **options) -> taskspace.Run:
    options = {"executor": "inline"} | options
    return taskspace.run(document, store=place / "store", runs=place / "runs", **options)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, taskspace.Run]:
    place = tmp_path_factory.mktemp("finished")
    return place, run(job(), place)


def done(folder: Path) -> list[str]:
    """The cells that a run has computed, over all of its attempts."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["subject"] for event in events if event["kind"] == "done"]


def test_a_run_answers_its_question(finished):
    _, made = finished
    result = made.result
    names = ["shared", "separate", "clusters"]
    assert [(r["scheme"], r["size"]) for r in result["summary"]] == [
        (name, size) for size in (20, 60) for name in names
    ]
    assert len(result["trials"]) == 12 and result["missing"] == []
    for row in result["summary"]:
        found = row["rules"]["task"]
        assert row["repetitions"] == 2
        assert found["mean"]["low"] <= found["mean"]["mean"] <= found["mean"]["high"]
        assert (found["delta_m"]["mean"] == 0) == (row["scheme"] == "separate")
    assert {(r["first"], r["second"], r["size"]) for r in result["differences"]} == {
        (a, b, size)
        for size in (20, 60)
        for a, b in (("shared", "separate"), ("shared", "clusters"), ("separate", "clusters"))
    }
    assert {row["scheme"] for row in result["frontier"]} == set(names)
    assert result["samples"] == {"train": 1438, "test": 359}
    assert "seconds" not in json.dumps(result)


def test_schemes_of_a_repetition_differ_in_the_scheme_alone():
    loaded = load_job(job(), catalogue=Registry.load(plugins=False))
    plan = plan_of(loaded.job, KeyedPlanner(Registry.load(plugins=False)))
    by_seed = {}
    for trial, cell in plan.trials.items():
        said = dict(cell.parameters)
        assert said.pop("size") == trial.size
        by_seed.setdefault(trial.seed, []).append(said)
        shared = {slot: key for slot, key in cell.identities.items() if slot != "gating"}
        assert shared == {s: k for s, k in next(iter(plan.trials.values())).identities.items()
                          if s != "gating"}  # fmt: skip
    assert all(len(same) == 6 and same.count(same[0]) == 6 for same in by_seed.values())
    assert by_seed[0][0]["seed"] != by_seed[1][0]["seed"]
    assert len({cell.key for cell in plan.trials.values()}) == 12


def test_the_base_rate_is_shown_everywhere(finished):
    _, made = finished
    digits = Registry.load(plugins=False).component(ComponentSpec("dataset", "digits"))
    digit = digits.read(split_of(digits, 0.2, 0).test)["digit"].numpy()
    odd = (digit % 2).mean()
    assert made.result["tasks"][0]["base_rate"] == pytest.approx(max(odd, 1 - odd))
    rates = [task["base_rate"] for task in made.result["tasks"]]
    summary, tasks = made.tables[:2]
    assert summary.rows[0][:3] == ("(base rate)", None, f"{np.mean(rates):.3f}")
    assert [row[3] for row in tasks.rows] == rates
    page = made.report.read_text()
    assert "(base rate)" in page and f"{rates[0]:.3f}" in page


def test_the_report_has_every_figure(finished):
    _, made = finished
    page = made.report.read_text()
    for name in ("by-size", "frontier", "by-rule", "gates-clusters", "training-loss",
                 "on-the-way"):  # fmt: skip
        assert f'id="{name}"' in page, name
    # Twelve steps leave gates where they start: their correlations are those of noise.
    assert 'id="similarity-clusters"' not in page
    # Gates that no task has learnt are no picture.
    assert "gates-separate" not in page and "gates-shared" not in page


def test_gates_that_are_learnt_are_shown_when_all_are_decided(tmp_path):
    decided = {"use": "dselect_k", "experts": 4, "width": 1e-3, "as": "hard"}
    made = run(job(schemes=[decided, "separate"], sizes=[60], seeds=1), tmp_path)
    with np.load(made.report.parent / "arrays.npz") as arrays:
        assert set(np.unique(arrays["gates/hard/60/0/0"])) <= {0, 1}
    page = made.report.read_text()
    assert 'id="gates-hard"' in page and "gates-separate" not in page


def test_a_task_that_is_not_tested_leaves_the_base_rate_of_the_others(finished):
    _, made = finished
    first, second = made.result["tasks"]
    untested = [first, second | {"test": 0, "base_rate": None}]
    result = MultitaskResult.model_validate(made.result | {"tasks": untested})
    rows = summary_table(result, None).rows
    assert rows[0][:3] == ("(base rate)", None, f"{first['base_rate']:.3f}")


def test_running_again_computes_nothing(finished):
    place, made = finished
    before = done(made.folder)
    again = run(job(), place)
    assert done(again.folder) == before
    assert again.result == made.result


def test_results_do_not_depend_on_the_executor(finished, tmp_path):
    _, made = finished
    # One worker: a second one would import torch as well, and cells know nothing of each other.
    assert run(job(), tmp_path, executor="local", workers=1).result == made.result


def test_a_new_name_retrains_nothing_and_a_new_scheme_only_itself(finished):
    place, made = finished
    renamed = [*SCHEMES[:2], SCHEMES[2] | {"as": "other"}]
    again = run(job(name="renamed", schemes=renamed), place)
    assert done(again.folder) == []
    metrics = [[t["rules"] for t in each.result["trials"]] for each in (made, again)]
    assert metrics[0] == metrics[1]
    more = run(job(name="more", schemes=[*SCHEMES, "mtan"]), place)
    assert set(done(more.folder)) == {f"train/mtan/{n}/{seed}" for n in (20, 60) for seed in (0, 1)}


def test_a_result_does_not_depend_on_what_else_the_job_trains(finished, tmp_path):
    _, made = finished
    alone = run(job(schemes=SCHEMES[2:], sizes=[60], seeds=[1]), tmp_path)
    (trial,) = alone.result["trials"]
    (same,) = (t for t in made.result["trials"]
               if (t["scheme"], t["size"], t["seed"]) == ("clusters", 60, 1))  # fmt: skip
    means = [{r: f["metric"] for r, f in t["rules"].items()} for t in (trial, same)]
    assert means[0] == means[1]


def test_a_run_that_was_killed_ends_with_the_same_numbers(finished, forks, tmp_path):
    _, undisturbed = finished
    document = tmp_path / "job.yaml"
    document.write_text(json.dumps(job()))
    arguments = ("run", str(document), "--executor", "inline",
                 "--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs"))  # fmt: skip
    folder = tmp_path / "runs" / undisturbed.folder.name
    killed = forks.start(arguments, command_environment({}), before=killed_after(6))
    assert killed.wait().returncode == -signal.SIGKILL
    assert len(done(folder)) == 6 < len(done(undisturbed.folder))
    again = run(job(), tmp_path)
    assert again.result == undisturbed.result
    assert sorted(done(folder)) == sorted(done(undisturbed.folder))
    artifacts = [dict(np.load(each / "arrays.npz")) for each in (folder, undisturbed.folder)]
    gates = [{k: v for k, v in each.items() if k.startswith("gates/")} for each in artifacts]
    assert gates[0].keys() == gates[1].keys() and gates[0]
    assert all(np.array_equal(gates[0][name], gates[1][name]) for name in gates[0])


def test_the_tasks_of_a_dataset_are_those_that_it_names(tmp_path):
    bits = {"use": "toy_bits", "samples": 200}
    made = run(job(dataset=bits, tasks=None, sizes=None, seeds=1), tmp_path)
    assert [task["name"] for task in made.result["tasks"]] == ["t0", "t1"]
    assert {row["size"] for row in made.result["summary"]} == {160}
    assert any("One repetition cannot show" in found.text for found in made.findings)


def test_tasks_of_different_metrics_are_compared_by_relative_gain(tmp_path):
    document = job(tasks=["parity", "ink_moments"], sizes=[60])
    made = run(document, tmp_path)
    assert made.result["metric"] is None and made.result["score"] == "delta_m"
    assert all(row["rules"]["task"]["mean"] is None for row in made.result["summary"])
    assert len(made.result["differences"]) == 3 and made.report.exists()
    assert made.result["tasks"][1]["base_rate"] is None
    blind = run(document | {"schemes": ["shared"]}, tmp_path)
    assert blind.result["score"] is None
    assert any("schemes cannot be compared" in found.text for found in blind.findings)


def test_gradients_can_be_weighed(tmp_path):
    equal, normed = (
        run(job(weighting=name, sizes=[60], seeds=1), tmp_path) for name in ("equal", "gradnorm")
    )
    assert equal.result["trials"] != normed.result["trials"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": None}, r"'digits' does not say which of its fields are tasks.*digit, image"),
        ({"tasks": ["rotation"]}, "'rotation' changes the image"),
        ({"tasks": ["random_projection"]}, "'random_projection' is not trained"),
        ({"tasks": [{"use": "classification", "field": "digits"}]}, "Did you mean 'digit'"),
        ({"sizes": [20, 9999]}, r"There are 1438 samples to train on, and 9999 are asked for"),
        ({"test": 0.9999}, "leaves nothing to train on"),
        (
            {"schemes": ["shared", {"use": "ungated", "layers": 7}]},
            "schemes: ungated: The scheme 'ungated' needs an encoder of 7 stages, and .* has",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_trained(changes, message, tmp_path):
    with pytest.raises((InputError, DataError), match=message):
        run(job(**changes), tmp_path)
    assert not list((tmp_path / "store" / "objects").iterdir())


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"schemes": []}, "schemes", "empty|at least"),
        ({"tasks": []}, "tasks", "empty|at least"),
        ({"schemes": ["shared", "shared"]}, "schemes.1", "called 'shared'"),
        ({"schemes": [{"use": "ungated", "experts": 0}]}, "schemes.0.experts", "1"),
        ({"schemes": ["shard"]}, "schemes.0", "shard"),
        ({"train": {"steps": 5, "epochs": 1}}, "train.epochs", "exclude each other"),
        ({"sizes": [20, 20]}, "sizes.1", "twice"),
        ({"sizes": [0]}, "sizes.0", "1"),
        ({"seeds": [1, 1]}, "seeds.1", "twice"),
        ({"rules": ["most"]}, "rules.0", "most"),
        ({"tasks": [{"use": "parity", "importance": 2}]}, "tasks.0.importance", "no key"),
        ({"weighting": "equals"}, "weighting", "equal"),
    ],
)
def test_a_mistake_in_a_job_is_found_at_its_place(changes, path, message, tmp_path):
    with pytest.raises(JobInvalid) as error:
        run(job(**changes), tmp_path)
    (problem,) = error.value.problems
    assert problem.path == path
    assert message.split("|")[0] in problem.message + str(problem.suggestion) or (
        message.split("|")[-1] in problem.message
    )


def test_one_training_that_fails_takes_no_other_with_it(tmp_path):
    from PIL import Image

    draw = np.random.default_rng(0)
    rows = ["file,price,kind"]
    for number in range(60):
        pixels = draw.integers(0, 255, (4, 4), dtype=np.uint8)
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{number:02}.png")
        # One price that no network survives; which training sets hold it, the order decides.
        rows.append(f"{number:02}.png,{3e38 if number == 7 else number % 5},{'ab'[number % 2]}")
    (tmp_path / "images" / "labels.csv").write_text("\n".join(rows) + "\n")
    dataset = {"use": "image_folder", "root": str(tmp_path / "images"), "size": 4, "channels": 1}
    tasks = [{"use": "regression", "field": "price"}, {"use": "classification", "field": "kind"}]
    document = job(dataset=dataset, tasks=tasks, schemes=["separate"], sizes=[8, 48], seeds=6)
    document["train"] = {"epochs": 2, "batch": 4}
    made = run(document, tmp_path)
    missing = {row["cell"]: row["message"] for row in made.result["missing"]}
    assert {f"train/separate/48/{seed}" for seed in range(6)} <= set(missing)
    assert all("the task 'price'" in message for message in missing.values())
    assert all("step" in m or "test loss" in m for m in missing.values())
    kept = {(row["size"], row["seed"]) for row in made.result["trials"]}
    assert kept and kept | {
        (int(cell.split("/")[2]), int(cell.split("/")[3])) for cell in missing
    } == {(size, seed) for size in (8, 48) for seed in range(6)}
    assert made.report.exists() and any("no result" in found.text for found in made.findings)
