"""What happens to a store or a run's folder while a run uses it: noticed, named, put right."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli_process import Forks, command_environment
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.storelock import shared


def run_disturbed(
    forks: Forks,
    job: Path,
    disturb: Callable[[Path], object],
    after: str = '"done", "subject": "train/',
) -> subprocess.CompletedProcess[str]:
    """Run the job with one worker in its folder, and disturb it when the journal says `after`."""
    root = job.parent
    command = ("run", str(job), "--workers", "1", "--json")
    process = forks.start(command, command_environment({}), directory=root)
    journal = None
    while process.runs():
        journal = journal or next(root.glob("runs/*/events.jsonl"), None)
        if journal is not None and after in journal.read_text():
            disturb(root)
            break
    done = process.wait()
    assert "Traceback" not in done.stderr + done.stdout
    return done


def zero_arrays(root: Path) -> None:
    """Overwrite every stored array in place, and set its times to what they were."""
    for file in root.glob(".taskspace/store/objects/??/*/*.npy"):
        status = file.stat()
        with file.open("r+b") as stream:
            stream.seek(128)
            stream.write(bytes(status.st_size - 128))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def sums(store: Store) -> dict[str, dict[str, str]]:
    """Return the checksums of every result's files; verified."""
    for key in store.keys():  # noqa: SIM118  a method of the store, not a mapping
        store.get(key).verify()
    return {
        key: {name: entry["sha256"] for name, entry in store.get(key).seal["files"].items()}
        for key in store.keys()  # noqa: SIM118
    }


def numbers(result: str) -> object:
    """Return the policies of a result."""
    return json.loads(result)["policies"]


def test_what_changes_under_a_run_decides_nothing(tasks, forks, small_job, finished, tmp_path):
    done = run_disturbed(forks, small_job, zero_arrays)
    out = done.stdout
    if done.returncode:
        assert "changed while the run read it" in out and "Run again" in out
        again = tasks("run", str(small_job), "--executor", "inline", "--json")
        assert again.status == 0
        out = again.out
    else:
        journal = next(tmp_path.glob("runs/*/events.jsonl")).read_text()
        assert '"damaged"' in journal
    (name,) = (folder.name for folder in (finished / "runs").iterdir())
    known = tasks("show", name, "--runs", str(finished / "runs"), "--json")
    assert numbers(out) == numbers(known.out)
    reference = sums(Store(finished / "store"))
    assert tasks("run", str(small_job), "--executor", "inline").status == 0
    assert sums(Store(tmp_path / ".taskspace" / "store")) == reference


@pytest.mark.parametrize("what", [".taskspace/store", "runs"])
def test_what_is_moved_away_under_a_run_is_named_and_run_again(
    tasks, forks, small_job, tmp_path, what
):
    done = run_disturbed(forks, small_job, lambda root: (root / what).rename(root / "away"))
    out = done.stdout
    assert done.returncode == 1
    assert what in out and "was deleted or moved" in out and "run again" in out
    assert not (tmp_path / what).exists()
    (tmp_path / "away").rename(tmp_path / what)
    if what != "runs":
        again = tasks("run", str(small_job), "--executor", "inline")
        assert again.status == 0, again.err


def test_a_disk_that_fills_while_weights_are_written(forks, small_job, tmp_path):
    command = ("run", str(small_job), "--set", "encoder.width=64", "--workers", "1")
    # The largest array of the job has 1,797 x 64 pixels; the network has some 600,000 bytes.
    done = forks.start(
        command,
        command_environment({}),
        directory=tmp_path,
        limits={"RLIMIT_FSIZE": 500_000},
    ).wait()
    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr and "ulimit -f" in done.stderr
    assert "Traceback" not in done.stderr and "tried again" not in done.stderr
    assert not list(tmp_path.glob("runs/*/result.json"))
    assert list((tmp_path / ".taskspace/store/writing").iterdir()) == []


# Modes


def bound(forks: Forks, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody whom the modes of files bind."""
    return forks.start(tuple(command), command_environment({}), directory=folder, bound=True).wait()


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("runs/RUN/result.json", "show"),
        ("runs/RUN/manifest.json", "report"),
        ("runs/RUN", "show"),
        ("runs/RUN/lock", "remove"),
        ("runs", "show"),
        ("store", "gc"),
        ("store/roots/*", "gc"),
        ("store/objects", "gc"),
        ("store/writing", "gc"),
        ("store/objects/??/*/record.json", "run"),
    ],
)
def test_what_may_not_be_read_is_named_and_the_remedy_works(
    forks, tmp_path, finished, path, command
):
    shutil.copytree(finished / "runs", tmp_path / "runs")
    shutil.copytree(finished / "store", tmp_path / "store")
    for note in (tmp_path / "store" / "roots").iterdir():
        note.unlink()
    shutil.copy(finished / "job.yaml", tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    if command == "gc":
        with shared(Store(tmp_path / "store"), run):
            pass
    closed = sorted(tmp_path.glob(path.replace("RUN", run.name)))
    modes = [file.stat().st_mode for file in closed]
    for file in closed:
        file.chmod(0)
    words = {
        "show": ["show", run.name],
        "report": ["report", run.name],
        "remove": ["runs", "remove", run.name],
        "gc": ["runs", "gc", "--store", "store"],
        "run": ["run", "job.yaml", "--store", "store", "--executor", "inline"],
    }[command]
    done = bound(forks, words, tmp_path)
    assert done.returncode in {1, 2}
    assert "Permission denied" in done.stderr and "Traceback" not in done.stderr
    (remedy,) = re.findall(r"`(chmod -R u\+rwX [^`]*)`", done.stderr)
    assert any(remedy.endswith(str(file.relative_to(tmp_path))) for file in closed), remedy
    for file, mode in zip(closed[1:], modes[1:], strict=True):
        file.chmod(mode)  # the others are as the first
    subprocess.run(remedy.split(), cwd=tmp_path, check=True)
    closed[0].chmod(closed[0].stat().st_mode | 0o600)
    done = bound(forks, words, tmp_path)
    assert done.returncode == 0, done.stderr
