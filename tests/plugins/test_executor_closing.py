"""Soft, then hard: what becomes of what cells have started, on executors with own processes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import executor_cells
import pytest

from taskspace.components import Assignment, Workplace
from taskspace_plugins.executors import local
from taskspace_plugins.executors.local import Local
from taskspace_ray.executor import Ray

DEADLINE = 600.0


@pytest.fixture(params=["local", "ray"])
def opened(request, tmp_path, monkeypatch):
    """Return an open crew, and the folder in which its cells leave their notes."""
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", here + os.pathsep + os.environ.get("PYTHONPATH", ""))
    executor = Local()
    if request.param == "ray":
        executor = Ray(address=request.getfixturevalue("ray_cluster").address)
    place = Workplace(tmp_path, "cpu", executor_cells.PERFORM, "test", tmp_path)
    crew = executor.open(place, 1)
    yield crew, tmp_path
    crew.close(now=True)


def program_of(crew, folder: Path, what: str, reports: int = 0) -> int:
    """Return the program that a cell has started; wait for so many reports."""
    crew.submit(Assignment(0, (executor_cells.cell(what),)))
    note, found = folder / "program", []
    for _ in range(int(DEADLINE / 0.05)):
        found += crew.reports(0.05)
        if note.exists() and len(found) >= reports:
            return int(note.read_text())
    raise AssertionError(f"{what} does not start")


def ends(process: int) -> bool:
    """Return whether the process ends soon."""
    look = threading.Event()
    for _ in range(int(DEADLINE / 0.02)):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        look.wait(0.02)
    return False


def test_a_cell_that_waits_for_a_program_ends_it(opened):
    crew, folder = opened
    program = program_of(crew, folder, "wait_for_a_program")
    crew.close(now=True)
    assert (folder / "cleaned").exists()
    assert ends(program)


def test_the_program_of_a_cell_that_must_be_killed_goes_with_it(opened):
    crew, folder = opened
    program = program_of(crew, folder, "defy_with_a_program")
    crew.close(now=True)
    assert ends(program)


def test_nothing_survives_a_normal_close(opened):
    crew, folder = opened
    program = program_of(crew, folder, "leave_a_program", reports=1)
    crew.close()
    assert ends(program)


def test_a_second_ctrl_c_ends_the_grace_period(opened, monkeypatch):
    crew, folder = opened
    monkeypatch.setattr(local, "GRACE_SECONDS", 10 * DEADLINE)
    program = program_of(crew, folder, "defy_with_a_program")
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    impatient = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            impatient.start()
            crew.close(now=True)
    finally:
        impatient.cancel()
        impatient.join()
        signal.signal(signal.SIGINT, previous)
    assert ends(program)


def test_a_worker_of_local_has_its_own_ctrl_c(tmp_path, monkeypatch):
    """Whoever runs it in the background of a shell has SIGINT ignored, and passes that on."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    place = Workplace(tmp_path, "cpu", executor_cells.PERFORM, "test", tmp_path)
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        crew = Local().open(place, 1)
    finally:
        signal.signal(signal.SIGINT, previous)
    program = program_of(crew, tmp_path, "wait_for_a_program")
    crew.close(now=True)
    assert (tmp_path / "cleaned").exists() and ends(program)
