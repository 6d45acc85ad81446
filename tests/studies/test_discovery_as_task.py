"""The task `discovered`: how a job names its run, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from discovery_jobs import QUICK, discovery_job, run
from typer.testing import CliRunner

import taskspace
from taskspace.components import ComponentSpec, Dataset, Task
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.planner import KeyedPlanner
from taskspace.errors import InputError
from taskspace.registry import Registry
from taskspace_cli.main import app

SLOW = {"as": "slow", "tasks": 2, **QUICK, "inner_rate": 1e-5}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> taskspace.Run:
    """Return a run whose first search has no result."""
    discover = [SLOW, {"as": "found", "tasks": 2, **QUICK}]
    document = discovery_job(discover=discover, controls=["random_labels"], seeds=1)
    finished = run(document, tmp_path_factory.mktemp("as-task"))
    assert "search/slow/0" in {each["cell"] for each in finished.result["missing"]}
    return finished


def made(folder: Path | str, **parameters) -> Task:
    planner = KeyedPlanner(Registry.load(plugins=False))
    spec = ComponentSpec("task", "discovered", {"run": str(folder), **parameters})
    return planner.component(spec, Task)


def digits() -> dict:
    planner = KeyedPlanner(Registry.load(plugins=False))
    return planner.component(ComponentSpec("dataset", "digits", {}), Dataset).read(
        range(40), {"image"}
    )


def check(tmp_path: Path, **task: object):
    document = {
        "study": "multitask", "name": "shared", "dataset": "digits",
        "tasks": ["parity", {"use": "discovered", **task}], "schemes": ["shared"],
    }  # fmt: skip
    file = tmp_path / "job.yaml"
    file.write_text(json.dumps(document))
    checked = CliRunner().invoke(app, ["check", str(file)])
    return checked.exit_code, " ".join(checked.output.split())


def test_check_takes_the_name_of_a_run_and_its_folder(finished, tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_RUNS", os.path.relpath(finished.folder.parent))
    assert check(tmp_path, run="small", search="found")[0] == 0
    assert check(tmp_path, run=str(finished.folder), search="found")[0] == 0
    shutil.copytree(finished.folder, tmp_path / finished.folder.name)
    monkeypatch.setenv("TASKS_RUNS", str(tmp_path / "none"))
    assert check(tmp_path, run=finished.folder.name, search="found")[0] == 0


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ({"run": "smal1"}, "There is no run 'smal1'"),
        ({"run": ""}, "There is no run"),
        ({"run": "."}, "There is no run"),
        ({"run": "elsewhere/small"}, "There is no file or folder"),
        ({"run": "small"}, "The search 'slow' of the run"),
        ({"run": "small", "search": "fuond"}, "Did you mean 'found'?"),
        ({"run": "small", "search": "found", "number": 3}, "There is no task 3"),
        ({"run": "small", "search": "found", "repetition": 1}, "no repetition 1"),
    ],
)
def test_check_refuses_what_a_run_would(task, words, finished, tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_RUNS", str(finished.folder.parent))
    status, output = check(tmp_path, **task)
    assert (status, words in output) == (2, True), output


@pytest.mark.parametrize("parts", [{"network": {"use": "mlp", "width": 7}}, {"sees": "small_conv"}])
def test_a_network_that_is_not_the_runs_is_refused(parts, finished):
    task = made(finished.folder, search="found", **parts)
    with pytest.raises(InputError, match="another network"):
        task.target(digits())


def test_no_network_is_that_of_the_run(finished):
    own = made(finished.folder, search="found")
    assert made(finished.folder, search="found", network=None, sees=None) == own


def test_a_run_that_was_made_anew_is_read_anew(finished, tmp_path):
    moved = Path(shutil.copytree(finished.folder, tmp_path / finished.folder.name))
    task = made(moved, search="found")
    before, labels = task.identity(), task.target(digits())
    arrays = dict(np.load(moved / "arrays.npz"))
    arrays["weights/found/0/directions"] = -arrays["weights/found/0/directions"]
    RunFolder(moved).write_arrays(arrays)
    assert task.identity() != before
    assert (task.target(digits()) == 1 - labels).all()


def test_a_result_of_another_version_is_refused(finished, tmp_path):
    moved = Path(shutil.copytree(finished.folder, tmp_path / finished.folder.name))
    result = json.loads((moved / "result.json").read_text())
    del result["searches"]
    RunFolder(moved).write_json("result.json", result)
    with pytest.raises(InputError, match="another version"):
        made(moved)
    result["study"] = "taxonomy"
    RunFolder(moved).write_json("result.json", result)
    with pytest.raises(InputError, match="discovers no tasks"):
        made(moved)
