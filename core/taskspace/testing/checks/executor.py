"""What holds for an executor; the engine is not needed for it."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from taskspace.components import Assignment, Crew, Executor, Report, Workplace
from taskspace.testing.checks.performing import (
    CLEANED,
    SAME_PROCESS,
    TARGET,
    WAITING,
    cell,
)
from taskspace.testing.subject import (
    NotApplicable,
    RuleBroken,
    Subject,
    require,
    returned,
)

PATIENCE_SECONDS = 60.0
"""A worker that must be started first may take this long."""

CLOSE_SECONDS = 15.0
"""After this time a crew that was closed at once is gone."""


def every_cell_is_reported_once(subject: Subject) -> None:
    """More assignments than workers: each cell has one report, `done`."""
    with _crew(subject) as (crew, _):
        require(crew.size >= 1, f"The crew has the size {crew.size}.")
        work = [_assignment(n, "done", "done", "done") for n in range(5)]
        _expect(_compute(crew, work), dict.fromkeys(_keys(work), "done"))
        require(not crew.reports(0.0), "Cells are reported again.")


def failure_stays_with_its_cell(subject: Subject) -> None:
    """A failed cell takes no other with it, and its message arrives."""
    with _crew(subject) as (crew, _):
        work = [_assignment(0, "done", "fail", "done"), _assignment(1, "done")]
        reports = _compute(crew, work)
        expected = dict.fromkeys(_keys(work), "done")
        expected[work[0].cells[1].key] = "failed"
        _expect(reports, expected)
        messages = [report.message for report in reports if report.event == "failed"]
        require(messages == ["as asked"], f"The messages are {messages}.")


def dying_worker_loses_only_its_cells(subject: Subject) -> None:
    """A killed worker: its open cells are lost, all others done, and work goes on after it."""
    with _crew(subject) as (crew, _):
        work = [_assignment(0, "done", "die", "done"), _assignment(1, "done", "done")]
        reports = _compute(crew, work)
        _in_another_process(reports)
        expected = dict.fromkeys(_keys(work), "done")
        expected |= dict.fromkeys([work[0].cells[1].key, work[0].cells[2].key], "lost")
        _expect(reports, expected)
        silent = [report.key for report in reports if report.event == "lost" and not report.message]
        require(not silent, "It does not say how the worker was lost.")
        later = [_assignment(2, "done")]
        _expect(_compute(crew, later), dict.fromkeys(_keys(later), "done"))


def close_at_once_lets_cells_clean_up(subject: Subject) -> None:
    """A cell that waits in a call of the system is interrupted, and its `finally` clauses run."""
    with _crew(subject) as (crew, folder):
        _started(crew, folder, "wait")
        crew.close(now=True)
        cleaned = (folder / CLEANED).exists()
        require(cleaned, "The cell was stopped without a KeyboardInterrupt in it.")


def close_at_once_returns(subject: Subject) -> None:
    """Workers that are busy for minutes, and ignore interrupts, are gone in seconds."""
    with _crew(subject) as (crew, folder):
        worker, begin = _started(crew, folder, "defy"), time.monotonic()
        crew.close(now=True)
        late = begin + CLOSE_SECONDS
        require(time.monotonic() < late, f"Closing takes more than {CLOSE_SECONDS:g} s.")
        while _runs(worker):
            require(time.monotonic() < late, f"The worker {worker} still runs.")
            time.sleep(0.02)


def close_twice_is_harmless(subject: Subject) -> None:
    """After the last report a crew closes, and again."""
    with _crew(subject) as (crew, _):
        _compute(crew, [_assignment(0, "done")])
        crew.close()
        crew.close(now=True)


def waiting_for_nothing_returns(subject: Subject) -> None:
    """Without work there is no news, and `reports` keeps to its time."""
    with _crew(subject) as (crew, _):
        begin = time.monotonic()
        require(not crew.reports(0.1), "There is news of cells that nobody asked for.")
        require(time.monotonic() - begin < 10, "It waits longer than it was told.")


@contextmanager
def _crew(subject: Subject) -> Iterator[tuple[Crew, Path]]:
    with tempfile.TemporaryDirectory(prefix="taskspace-executor-") as name:
        folder = Path(name)
        place = Workplace(folder, "cpu", TARGET, "conformance", folder)
        opened = subject.made(Executor).open(place, 2)
        crew = returned("open()", opened, Crew, "a taskspace.components.Crew")
        try:
            yield crew, folder
        finally:
            crew.close(now=True)


def _started(crew: Crew, folder: Path, what: str) -> int:
    """Return the number of the process in which a cell now does `what`."""
    crew.submit(_assignment(0, what))
    note, deadline = folder / WAITING, time.monotonic() + PATIENCE_SECONDS
    while not note.exists():
        _in_another_process(crew.reports(0.05))
        require(time.monotonic() < deadline, "The worker does not start.")
    return int(note.read_text(encoding="utf-8"))


def _assignment(number: int, *what: str) -> Assignment:
    return Assignment(number, tuple(cell(f"{number}/{i}", w) for i, w in enumerate(what)))


def _keys(work: Sequence[Assignment]) -> list[str]:
    return [cell.key for assignment in work for cell in assignment.cells]


def _compute(crew: Crew, work: Sequence[Assignment]) -> list[Report]:
    waiting, under_way = list(work), dict[int, set[str]]()
    reports: list[Report] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting or under_way:
        while waiting and len(under_way) < crew.size:
            assignment = waiting.pop(0)
            under_way[assignment.number] = {cell.key for cell in assignment.cells}
            crew.submit(assignment)
        if time.monotonic() > deadline:
            raise RuleBroken(f"No report within {PATIENCE_SECONDS:g} s of {under_way}.")
        news = crew.reports(0.5)
        reports += news
        for report in news:
            under_way.get(report.assignment, set()).discard(report.key)
        under_way = {number: keys for number, keys in under_way.items() if keys}
    return reports


def _expect(reports: Sequence[Report], expected: dict[str, str]) -> None:
    counts = Counter(report.key for report in reports)
    often = [key for key, count in counts.items() if count != 1]
    require(not often, f"{len(often)} cells have more than one report.")
    found: dict[str, str] = {report.key: report.event for report in reports}
    require(found == expected, f"Expected {_short(expected)}, found {_short(found)}.")


def _short(events: dict[str, str]) -> str:
    return ", ".join(f"{bytes.fromhex(k).decode().strip(chr(0))} {e}" for k, e in events.items())


def _in_another_process(reports: Sequence[Report]) -> None:
    if any(report.message == SAME_PROCESS for report in reports):
        raise NotApplicable(SAME_PROCESS)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
