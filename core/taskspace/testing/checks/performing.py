"""What workers perform while an executor is checked: cells that do as their parameters say."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from taskspace.components import Assignment, Cell, CellFunction, Report, Workplace

TARGET = "taskspace.testing.checks.performing:perform"
WAIT_SECONDS = 120.0
WAITING = "waiting"
CLEANED = "cleaned"
"""Files that a cell leaves in the workplace's directory, with the number of its process."""

SAME_PROCESS = "It computes in the process that asks."


def perform(assignment: Assignment, workplace: Workplace) -> Iterator[Report]:
    """Yield the reports of cells whose parameter `do` is done, fail, die, wait or defy."""
    for cell in assignment.cells:
        what = cell.parameters["do"]
        if what in ("die", "wait", "defy") and os.getpid() == cell.parameters["asker"]:
            yield Report("failed", assignment.number, cell.key, SAME_PROCESS)
        elif what == "fail":
            yield Report("failed", assignment.number, cell.key, "as asked")
        else:
            if what == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            elif what == "wait":
                _wait(workplace.directory)
            elif what == "defy":
                _defy(workplace.directory)
            yield Report("done", assignment.number, cell.key, seconds=0.001)


def _wait(folder: Path) -> None:
    """Wait for minutes in one call of the system, and note when that is interrupted."""
    try:
        _note(folder / WAITING)
        # Not `Event.wait`: interrupted as it lets go of its lock, that raises a RuntimeError.
        time.sleep(WAIT_SECONDS)
    except KeyboardInterrupt:
        _note(folder / CLEANED)
        raise


def _defy(folder: Path) -> None:
    """Wait for minutes, whoever interrupts."""
    _note(folder / WAITING)
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        with suppress(KeyboardInterrupt):
            time.sleep(WAIT_SECONDS)


def _note(file: Path) -> None:
    """Write who computes, all at once."""
    draft = file.with_suffix(".draft")
    draft.write_text(str(os.getpid()), encoding="utf-8")
    draft.rename(file)


def cell(name: str, what: str) -> Cell:
    """Return a cell that does `what`."""
    return Cell(
        name=name,
        key=name.encode().hex().ljust(64, "0"),
        function=CellFunction(TARGET, version=1),
        parameters={"do": what, "asker": os.getpid()},
        components={},
        inputs={},
    )
