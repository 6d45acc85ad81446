"""What workers perform while an executor is checked: cells that do as their parameters say."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

from taskspace.components import Assignment, Cell, CellFunction, Report, Workplace

TARGET = "taskspace.registry.conformance.performing:perform"
WAIT_SECONDS = 120.0
SAME_PROCESS = "It computes in the process that asks."


def perform(assignment: Assignment, workplace: Workplace) -> Iterator[Report]:
    """Yield the reports of cells whose parameter `do` is done, fail, die or wait."""
    for cell in assignment.cells:
        what = cell.parameters["do"]
        if what in ("die", "wait") and os.getpid() == cell.parameters["asker"]:
            yield Report("failed", assignment.number, cell.key, SAME_PROCESS)
        elif what == "fail":
            yield Report("failed", assignment.number, cell.key, "as asked")
        else:
            if what == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            elif what == "wait":
                (workplace.directory / "waiting").write_text(str(os.getpid()), encoding="utf-8")
                threading.Event().wait(WAIT_SECONDS)
            yield Report("done", assignment.number, cell.key, seconds=0.001)


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
