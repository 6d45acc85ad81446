"""Cells in this process, one after another: for debugging and for notebooks."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pkgutil import resolve_name
from typing import ClassVar

from taskspace.components import Assignment, Crew, Executor, Report, Workplace
from taskspace.errors import ExecutorError
from taskspace.unable_to_exit import Ended, unable_to_exit


class Inline(Executor):
    """Computes cells in the process that asks, one after another."""

    name: ClassVar[str] = "inline"

    def open(self, workplace: Workplace, workers: int | None) -> Crew:
        """Return a crew of one; `workers` changes nothing."""
        return InlineCrew(workplace)


class InlineCrew(Crew):
    """Computes the next cell whenever news is asked for."""

    def __init__(self, workplace: Workplace) -> None:
        self._perform = resolve_name(workplace.perform)
        self._workplace = workplace
        self._reports: Generator[Report] = _nothing()

    @property
    def size(self) -> int:
        """Return 1."""
        return 1

    def submit(self, assignment: Assignment) -> None:
        """Take the assignment; it is computed by `reports`."""
        self._reports = self._perform(assignment, self._workplace)

    def reports(self, timeout: float) -> Sequence[Report]:
        """Compute until one cell is done, however long it takes.

        Raises:
            ExecutorError: if the cell would end this process.
        """
        what = "A cell"
        try:
            with unable_to_exit(what):
                report = next(self._reports, None)
        except Ended as error:
            raise ExecutorError(
                f"{what} {error}.",
                advice="With --executor local it ends a worker, and is reported as lost.",
            ) from error
        return [report] if report else []

    def close(self, *, now: bool = False) -> None:
        """Forget what was not computed; Ctrl-C has interrupted the cell itself by then."""
        self._reports.close()


def _nothing() -> Generator[Report]:
    yield from ()
