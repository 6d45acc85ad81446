"""Whole runs of the co-training study: the answer, pairs, resuming, reuse, and what is refused."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from cotraining_jobs import ARMS, cotraining_job, run, trials_of
from killed_runs import stopped_in_cotraining

import taskspace
from cli_process import command_environment
from taskspace.errors import DataError, InputError, JobInvalid


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, taskspace.Run]:
    place = tmp_path_factory.mktemp("cotraining")
    return place, run(cotraining_job(), place)


def done(folder: Path) -> list[str]:
    """Return the cells that a run has computed, over all of its attempts."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["subject"] for event in events if event["kind"] == "done"]


def test_every_arm_is_trained_with_every_number_of_labels(finished):
    _, made = finished
    result = made.result
    assert [arm["name"] for arm in result["arms"]] == ARMS
    assert [(r["arm"], r["labels"]) for r in result["summary"]] == [
        (arm, labels) for labels in (40, 60) for arm in ARMS
    ]
    assert len(result["trials"]) == 20 and result["missing"] == []
    assert {(r["arm"], r["labels"]) for r in result["differences"]} == {
        (arm, labels) for labels in (40, 60) for arm in ARMS[1:]
    }
    assert result["shared"] == {"stages": 1, "of": 2}
    assert "seconds" not in json.dumps(result)


def test_the_record_says_what_each_arm_saw_of_each_task(finished):
    _, made = finished
    both = trials_of(made)["together", 40, 1]["tasks"]
    assert [(t["name"], t["images"], t["seen"]) for t in both] == [
        ("identity", 40, 8 * 16),
        ("rotation", 1438, 8 * 16),
        ("moments", 100, 4 * 64),
    ]
    assert {t["tested"] for t in both} == {359}


def test_differences_are_of_pairs_of_one_repetition(finished):
    _, made = finished
    trials = trials_of(made)
    for row in made.result["differences"]:
        gaps = [
            trials[row["arm"], row["labels"], seed]["tasks"][0]["metric"]
            - trials["baseline", row["labels"], seed]["tasks"][0]["metric"]
            for seed in (0, 1)
        ]
        assert row["mean"] == pytest.approx(sum(gaps) / 2, abs=1e-12)
        assert row["outcome"] == "undecided"  # two repetitions show nothing


def test_a_new_auxiliary_task_retrains_only_its_own_arms(finished):
    place, _ = finished
    more = [*cotraining_job()["auxiliary"], {"task": "loops"}]
    again = run(cotraining_job(name="more", auxiliary=more, labels=[40]), place)
    trained = {cell for cell in done(again.folder) if cell.startswith("train/")}
    assert trained == {f"train/{arm}/40/{seed}" for arm in ("loops", "together") for seed in (0, 1)}


def test_sets_of_tasks_are_trained_at_once_as_the_job_lists_them(finished):
    place, _ = finished
    more = [*cotraining_job()["auxiliary"], {"task": "loops"}]
    sets = [["moments", "rotation"], ["loops", "rotation"]]
    again = run(cotraining_job(name="sets", auxiliary=more, labels=[40], together=sets), place)
    arms = {arm["name"]: arm["auxiliary"] for arm in again.result["arms"]}
    assert arms["rotation + moments"] == ["rotation", "moments"]
    assert arms["rotation + loops"] == ["rotation", "loops"]
    assert "together" not in arms
    # The same training as all of two tasks, in another job.
    trained = {cell for cell in done(again.folder) if cell.startswith("train/rotation+moments")}
    assert trained == set()


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([["rotation", "moment"]], "No auxiliary task is called 'moment'"),
        ([["rotation"]], "at least 2 items"),
        ([["rotation", "rotation"]], "A task is in the list twice."),
        ([["rotation", "moments"], ["moments", "rotation"]], "is in the list twice."),
    ],
)
def test_sets_that_make_no_sense_are_refused(sets, message, tmp_path):
    with pytest.raises(JobInvalid, match=message):
        run(cotraining_job(together=sets), tmp_path)


def test_a_killed_training_goes_on_with_equal_numbers(finished, forks, tmp_path):
    place, _ = finished
    document = cotraining_job(name="killed", labels=[40], seeds=1)
    undisturbed = run(document, place)
    file = tmp_path / "job.yaml"
    file.write_text(json.dumps(document))
    command = ("run", str(file), "--executor", "inline",
               "--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs"))  # fmt: skip
    # Of all tasks together, in a window of the curve; then of the control after the rest of it.
    for step in (30, 5):
        killed = forks.start(command, command_environment({}), before=stopped_in_cotraining(step))
        assert killed.wait().returncode == -signal.SIGKILL
    again = run(document, tmp_path)
    assert (again.folder / "result.json").read_bytes() == (
        undisturbed.folder / "result.json"
    ).read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"central": {"use": "classification", "field": "digits"}}, "Did you mean 'digit'"),
        ({"auxiliary": [{"task": "random_projection"}]}, "'random_projection' is not trained"),
        ({"auxiliary": [{"task": "colorization"}]}, "no colours to predict"),
        ({"labels": [40, 9999]}, "9999 images to train on are asked for, and there are 1797"),
        ({"auxiliary": [{"task": "rotation", "images": 9999}]}, "auxiliary: 9999 images"),
        ({"share": 3}, r"share: 3 stages are to be shared, and the encoder 'mlp' has 2"),
        ({"encoder": "identity", "share": 1}, "no weights that are trained"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_trained(changes, message, tmp_path):
    with pytest.raises((InputError, DataError), match=message):
        run(cotraining_job(**changes), tmp_path)
    assert not list((tmp_path / "store" / "objects").iterdir())


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"auxiliary": []}, "auxiliary", "empty|at least"),
        ({"auxiliary": [{"task": "rotations"}]}, "auxiliary.0.task", "rotation"),
        ({"auxiliary": [{"task": "rotation", "weight": -1}]}, "auxiliary.0.weight", "0"),
        ({"auxiliary": [{"task": "rotation", "every": 0}]}, "auxiliary.0.every", "1"),
        ({"auxiliary": [{"task": "rotation"}] * 2}, "auxiliary.1.task", "called 'rotation'"),
        ({"auxiliary": [{"task": "identity"}]}, "auxiliary.0.task", "called 'identity'"),
        ({"auxiliary": [{"task": {"use": "loops", "as": "baseline"}}]},
         "auxiliary.0.task", "called 'baseline'"),
        ({"auxiliary": [{"task": {"use": "loops", "as": "truth"}}]},
         "auxiliary.0.task", "called 'truth'"),
        ({"auxiliary": [{"task": {"use": "loops", "as": "input"}}]},
         "auxiliary.0.task", "called 'input'"),
        ({"shuffled": ["rotatoin"]}, "shuffled.0", "rotation"),
        ({"shuffled": ["rotation", "rotation"]}, "shuffled.1", "twice"),
        ({"labels": [40, 40]}, "labels.1", "twice"),
        ({"seeds": [3, 3]}, "seeds.1", "twice"),
        ({"share": 0}, "share", "1"),
        ({"train": {"steps": 5, "epochs": 1}}, "train.epochs", "exclude each other"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_job_is_named_at_its_place(changes, path, message, tmp_path):
    with pytest.raises(JobInvalid) as error:
        run(cotraining_job(**changes), tmp_path)
    (problem,) = error.value.problems
    assert problem.path == path
    shown = problem.message + str(problem.suggestion)
    assert any(part in shown for part in message.split("|"))


def test_the_page_shows_arms_differences_and_what_is_missing(finished):
    _, made = finished
    page = made.report.read_text()
    for part in ("differences-plot", "differences", "arms", "auxiliary", "samples", "on-the-way"):
        assert f'id="{part}"' in page
    assert "rotation (shuffled)" in page


def test_without_a_control_the_result_notes_it(tmp_path):
    document = cotraining_job(
        auxiliary=[{"task": "rotation"}], shuffled=[], labels=None, seeds=1, train={"steps": 2}
    )
    made = run(document, tmp_path)
    assert [arm["name"] for arm in made.result["arms"]] == ["baseline", "rotation"]
    assert {row["labels"] for row in made.result["summary"]} == {1438}
    codes = [finding.code for finding in made.findings]
    assert codes[-2:] == ["few-repetitions", "no-control"]
