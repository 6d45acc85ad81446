"""Damaged runs, absent folders and full outputs: a paragraph each, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from taskspace.engine.folders.run_files import MANIFEST, RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.keys import digest

SOUND = {"job": {"study": "taxonomy"}, "state": "complete", "started": "2026", "attempts": []}
DIGITS = digest(SOUND["job"])[:8]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A sound run, one whose manifest is damaged, one whose result is."""
    for name in ("sound", "manifest", "result"):
        folder = RunFolder(tmp_path / "runs" / f"{name}-{DIGITS}")
        with folder.locked():
            folder.write_json(MANIFEST, SOUND)
            folder.write_json(RESULT, {"study": "taxonomy"})
            folder.conclude()
    (tmp_path / "runs" / f"manifest-{DIGITS}" / MANIFEST).write_text("{}")
    (tmp_path / "runs" / f"result-{DIGITS}" / RESULT).write_bytes(b"\xff\x00")
    return tmp_path / "runs"


def test_runs_lists_damaged_ones_with_the_others(tasks, runs):
    listed = tasks("runs", "--json").json["runs"]
    assert {row["run"].partition("-")[0]: row["state"] for row in listed} == {
        "sound": "complete", "manifest": "damaged", "result": "complete",
    }  # fmt: skip
    assert "damaged" in tasks("runs").out


@pytest.mark.parametrize(
    ("command", "run"),
    [("rerun", "manifest"), ("show", "result"), ("report", "result")],
)
def test_what_is_damaged_says_how_to_write_it_again(tasks, runs, command, run):
    said = tasks(command, run)
    assert said.status == 2
    assert "is damaged" in said.err and "`tasks run JOB`" in said.err


def test_the_path_of_a_run_works_from_anywhere(tasks, runs, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    shown = tasks("show", str(runs / f"sound-{DIGITS}"), "--json")
    assert shown.json == {"study": "taxonomy"}


def test_a_store_that_is_not_there_is_not_made(tasks, tmp_path):
    said = tasks("runs", "gc", "--store", "nothere")
    assert said.status == 2 and "There is no store" in said.err
    assert not (tmp_path / "nothere").exists()


def test_a_schema_into_an_absent_folder(tasks):
    said = tasks("schema", "-o", "nothere/job.schema.json")
    assert said.status == 2 and "-o FILE" in said.err


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_an_output_that_takes_nothing_is_a_paragraph(runs, option):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "taskspace_cli", "runs", "--runs", str(runs), *option],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: OS error: No space left")
    assert len(done.stderr.splitlines()) == 1


def test_an_output_that_is_closed_is_no_traceback(runs):
    command = f"{sys.executable} -m taskspace_cli runs --runs {runs} >&-"
    done = subprocess.run(
        ["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False
    )
    assert "Traceback" not in done.stderr and done.returncode in {0, 1}


def test_what_no_command_foresaw_is_a_paragraph(tasks, tmp_path):
    (tmp_path / ".taskspace/store/objects").mkdir(parents=True)
    (tmp_path / ".taskspace/store/roots").mkdir()
    (tmp_path / ".taskspace/store/taskspace-store.json").touch()
    (tmp_path / ".taskspace/store/lock").mkdir()
    said = tasks("runs", "gc", "--json")
    assert said.status == 1
    assert json.loads(said.out)["errors"][0]["suggestion"]
