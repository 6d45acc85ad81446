"""What a ray task does: the cells of one assignment, and a report on each as it is done."""

from __future__ import annotations

import json
import os
import platform
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from pkgutil import resolve_name

from taskspace.components import Assignment, Report, Workplace

NUDGE_SECONDS = 0.1
OVER = 0
"""No signal has this number."""


def compute(place: str, order: str, mark: str) -> Iterator[str]:
    """Yield who computes, then the report of each cell, as JSON.

    Args:
        place: the workplace as JSON.
        order: the assignment as JSON.
        mark: a file in the store that the run has made; a node that does not see it has another
            disk, and what it stored would be lost.
    """
    with _interruptible():
        yield json.dumps({"worker": f"process {os.getpid()} on {platform.node()}"})
        workplace = Workplace.from_json(json.loads(place))
        assignment = Assignment.from_json(json.loads(order))
        for report in _reports(assignment, workplace, Path(mark)):
            yield json.dumps({"report": asdict(report)})


def _reports(assignment: Assignment, workplace: Workplace, mark: Path) -> Iterator[Report]:
    if mark.exists():
        yield from resolve_name(workplace.perform)(assignment, workplace)
        return
    message = (
        f"{workplace.store}: {platform.node()} does not see this store. Choose a folder that all "
        "nodes of the cluster share, with --store DIR or TASKS_STORE."
    )
    for cell in assignment.cells:
        yield Report("refused", assignment.number, cell.key, message)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let ray's cancellation reach a cell that waits for a solver, a lock or a disk.

    Ray marks SIGINT as received in this process, and no more: Python acts on it when the system
    call under way ends, in an hour perhaps. So a thread that learns of the mark sends the main
    thread a signal that means nothing, which ends the call.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    main, over = threading.main_thread().ident, threading.Event()
    assert main is not None
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def nudge() -> None:
        while os.read(reader, 1)[0] not in (signal.SIGINT, OVER):
            pass
        # More than once: a signal that comes just before the call begins does not end it.
        while not over.wait(NUDGE_SECONDS):
            signal.pthread_kill(main, signal.SIGURG)

    thread = threading.Thread(target=nudge, daemon=True)
    previous_fd = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    previous = signal.signal(signal.SIGURG, lambda *_: None)
    thread.start()
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(previous_fd)
        os.write(writer, bytes([OVER]))
        thread.join()
        os.close(reader)
        os.close(writer)
        signal.signal(signal.SIGURG, previous)
