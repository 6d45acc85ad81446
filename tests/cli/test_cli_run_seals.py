"""What a run's folder says is verified before it is shown, reported, exported or run again."""

from __future__ import annotations

import json
import re
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from taskspace.engine.folders.run_seal import checksum


@pytest.fixture
def run(finished, tmp_path) -> Path:
    """A finished run, in `runs`."""
    shutil.copytree(finished / "runs", tmp_path / "runs")
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def change_digit(file: Path) -> None:
    """Change the last digit of the first decimal number."""
    content = file.read_bytes()
    place = re.search(rb"\d\.\d*(\d)", content).start(1)
    file.write_bytes(
        content[:place] + (b"7" if content[place] != ord("7") else b"3") + content[place + 1 :]
    )


def change_arrays(file: Path) -> None:
    """Change an array, with zip's own checksum made right."""
    with np.load(file) as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    first = min(changed)
    changed[first] = changed[first] + 1
    buffer = BytesIO()
    np.savez(buffer, **changed)
    file.write_bytes(buffer.getvalue())


COMMANDS = (["show"], ["show", "--json"], ["report"], ["agreement"])


def test_a_changed_digit_of_the_result_is_never_shown(tasks, run, finished, small_job):
    assert tasks("show", run.name).status == 0
    before = (run / "result.json").read_bytes()
    change_digit(run / "result.json")
    report = (run / "report.html").read_bytes()
    for command, *options in COMMANDS:
        names = [run.name] * (2 if command == "agreement" else 1)
        said = tasks(command, *names, *options)
        text = said.out if "--json" in options else said.err
        assert said.status == 2 and "result.json" in text and "is damaged" in text
    assert (run / "report.html").read_bytes() == report
    place = ("--store", str(finished / "store"), "--executor", "inline")
    assert "0 cells computed" in tasks("rerun", run.name, *place).out
    assert tasks("show", run.name).status == 0
    assert json.loads(before)["policies"] == tasks("show", run.name, "--json").json["policies"]


def test_changed_or_absent_arrays_are_never_reported(tasks, run):
    change_arrays(run / "arrays.npz")
    assert "arrays.npz" in tasks("show", run.name).err
    (run / "arrays.npz").unlink()
    said = tasks("report", run.name)
    assert said.status == 2 and "arrays.npz" in said.err and "`tasks run JOB`" in said.err


@pytest.mark.parametrize("sealed", [True, False])
def test_a_changed_seed_runs_no_other_job(tasks, run, finished, sealed):
    manifest = run / "manifest.json"
    document = json.loads(manifest.read_text())
    document["job"]["seed"] = 5
    manifest.write_text(json.dumps(document))
    if sealed:
        seal = json.loads((run / "seal.json").read_text())
        seal["files"]["manifest.json"] = [checksum(manifest.read_bytes())]
        (run / "seal.json").write_text(json.dumps(seal))
    for command in ("rerun", "report"):
        said = tasks(command, run.name)
        assert said.status == 2 and "manifest.json" in said.err
    assert tasks("runs", "--json").json["runs"][0]["state"] == "damaged"


def test_a_run_of_an_earlier_version_is_rerun_before_it_is_shown(tasks, run, finished):
    (run / "seal.json").unlink()
    said = tasks("show", run.name)
    assert said.status == 2 and f"`tasks rerun {run.name}`" in said.err
    assert tasks("runs", "--json").json["runs"][0]["state"] == "complete"
    place = ("--store", str(finished / "store"), "--executor", "inline")
    assert "0 cells computed" in tasks("rerun", run.name, *place).out
    assert tasks("show", run.name).status == 0


@pytest.mark.parametrize(
    "seal", [b"", b"[]", b'{"files": 3}', b'{"files": {"result.json": 3}}', b"\xff"]
)
def test_a_damaged_seal_vouches_for_nothing(tasks, run, seal):
    (run / "seal.json").write_bytes(seal)
    for command in ("show", "rerun"):
        said = tasks(command, run.name)
        assert said.status == 2 and "is damaged" in said.err
