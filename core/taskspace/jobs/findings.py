"""All mistakes of one job, collected before any is reported."""

from __future__ import annotations

from taskspace.errors import JobInvalid, Problem
from taskspace.jobs.codes import Code
from taskspace.jobs.text.places import SourcePlace, Steps, dotted, printable


class Findings:
    """Problems with their places; one that is found in two ways counts once.

    A key that is missing because it is misspelt is one mistake: note unknown keys first.
    """

    def __init__(self) -> None:
        self._found: dict[Problem, tuple[int, int, int]] = {}
        self._blamed: set[Steps] = set()
        self._above_blamed: set[Steps] = set()
        self._misspelt: set[Steps] = set()

    def add(
        self,
        code: Code,
        message: str,
        place: SourcePlace,
        steps: Steps,
        suggestion: str | None = None,
    ) -> None:
        """Note a mistake at `steps`, with the caret at `place`."""
        self._blamed.add(steps)
        self._above_blamed.update(steps[:depth] for depth in range(len(steps)))
        if code == Code.UNKNOWN_KEY and suggestion:
            self._misspelt.add((*steps[:-1], suggestion))
        if code == Code.MISSING_KEY and steps in self._misspelt:
            return
        problem = Problem(
            code=code.value,
            message=printable(message),
            file=place.source.label,
            line=place.line,
            column=place.column,
            path=dotted(steps),
            suggestion=suggestion,
            source_line=place.source_line,
            width=place.width,
        )
        self._found.setdefault(problem, (place.source.order, place.line, place.column))

    def copied(self) -> Findings:
        """Return findings of their own with the same problems."""
        other = Findings()
        other._found |= self._found
        other._blamed |= self._blamed
        other._above_blamed |= self._above_blamed
        other._misspelt |= self._misspelt
        return other

    def of_the_job(self) -> list[Problem]:
        """Return the problems that stand in the job itself and in no `--set`."""
        return [problem for problem, (order, _, _) in self._found.items() if order == 0]

    def replace(self, problem: Problem, other: Problem, at: tuple[int, int, int]) -> None:
        """Put another problem in place of one, if that is there.

        Args:
            problem: that was found.
            other: that is said instead.
            at: number of the source, line and column by which problems are sorted.
        """
        if self._found.pop(problem, None) is not None:
            self._found.setdefault(other, at)

    def __bool__(self) -> bool:
        return bool(self._found)

    def blames(self, steps: Steps) -> bool:
        """Return whether a mistake is known at, above or below `steps`, the root aside."""
        above = any(steps[:depth] in self._blamed for depth in range(1, len(steps) + 1))
        return above or (bool(steps) and steps in self._above_blamed)

    def error(self) -> JobInvalid:
        """Return the error with all problems, in file order; there must be some."""
        return JobInvalid(sorted(self._found, key=lambda problem: self._found[problem]))
