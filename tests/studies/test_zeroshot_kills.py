"""A zero-shot run that is stopped anywhere goes on to the numbers of an undisturbed one."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from killed_runs import killed_after, stopped_at_step
from zeroshot_jobs import done, features_job, run

import taskspace
from cli_process import command_environment

STEPS = 90
"""More than a curve has points, so that a step may stand in the middle of a window."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[dict, taskspace.Run]:
    place = tmp_path_factory.mktemp("undisturbed")
    train = {"steps": STEPS, "batch": 8, "critic_steps": 2, "learning_rate": 1e-3}
    document = features_job(place, train=train, seeds=1)
    return document, run(document, place)


@pytest.fixture
def command(undisturbed, tmp_path) -> tuple[str, ...]:
    file = tmp_path / "job.yaml"
    file.write_text(json.dumps(undisturbed[0]))
    return ("run", str(file), "--executor", "inline",
            "--store", str(tmp_path / "store"), "--runs", str(tmp_path / "runs"))  # fmt: skip


def assert_equal(first: Path, second: Path) -> None:
    assert (first / "result.json").read_bytes() == (second / "result.json").read_bytes()
    arrays = [dict(np.load(folder / "arrays.npz")) for folder in (first, second)]
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


@pytest.mark.parametrize("cells", [1, 3, 6])
def test_a_run_killed_between_cells_ends_with_the_same_numbers(
    cells, undisturbed, command, forks, tmp_path
):
    document, whole = undisturbed
    killed = forks.start(command, command_environment({}), before=killed_after(cells))
    assert killed.wait().returncode == -signal.SIGKILL
    again = run(document, tmp_path)
    assert_equal(again.folder, whole.folder)
    assert sorted(done(again.folder)) == sorted(done(whole.folder))


# In the first training; at the first step of the second; in a control.
@pytest.mark.parametrize("step", [2, STEPS, STEPS + 1, 2 * STEPS + 7])
def test_a_training_killed_in_its_middle_goes_on_to_the_same_numbers(
    step, undisturbed, command, forks, tmp_path
):
    document, whole = undisturbed
    killed = forks.start(command, command_environment({}), before=stopped_at_step(step))
    assert killed.wait().returncode == -signal.SIGKILL
    left = list((tmp_path / "store" / "checkpoints").iterdir())
    assert len(left) == (0 if step % STEPS == 1 else 1)
    again = run(document, tmp_path)
    assert_equal(again.folder, whole.folder)
    assert list((tmp_path / "store" / "checkpoints").iterdir()) == []


def test_an_interrupted_run_says_how_to_go_on(undisturbed, command, forks, tmp_path):
    document, whole = undisturbed
    stopped = forks.start(command, command_environment({}), before=stopped_at_step(5, "SIGINT"))
    said = stopped.wait()
    assert said.returncode not in (0, 1, 2) and "Traceback" not in said.stderr
    assert "The same command goes on from here." in said.stderr
    assert_equal(run(document, tmp_path).folder, whole.folder)


def test_two_runs_on_one_store_do_no_harm(undisturbed, command, forks, tmp_path):
    _, whole = undisturbed
    runs = [(*command[:-1], str(tmp_path / name)) for name in ("one", "other")]
    started = [forks.start(own, command_environment({})) for own in runs]
    assert [each.wait().returncode for each in started] == [0, 0]
    for name in ("one", "other"):
        (folder,) = (tmp_path / name).glob("small-*")
        assert_equal(folder, whole.folder)
