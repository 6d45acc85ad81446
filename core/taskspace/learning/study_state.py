"""What became of the cells that a study asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskspace.components import Cell, Failure, Outcomes, Stored


@dataclass(frozen=True)
class StudyState:
    """The outcomes of all stages so far; a study's own record adds which cells it asked for."""

    outcomes: Outcomes

    def get(self, cell: Cell | None) -> Stored | None:
        """Return a cell's result, or None where there is none (yet)."""
        outcome = self.outcomes.get(cell.key) if cell else None
        return None if isinstance(outcome, Failure) else outcome

    def has(self, cell: Cell | None) -> bool:
        """Return whether the cell has a result."""
        return self.get(cell) is not None

    def record(self, cell: Cell | None) -> Mapping[str, Any]:
        """Return a cell's record, empty where there is no result."""
        stored = self.get(cell)
        return stored.record if stored else {}

    def every(self, cells: Sequence[Cell]) -> list[Stored]:
        """Return the results of cells that count together; none where one of them has none."""
        results = [stored for cell in cells if (stored := self.get(cell)) is not None]
        return results if len(results) == len(cells) else []

    def failures(self) -> list[Failure]:
        """Return every cell that has no result, first failures before what they blocked."""
        failed = [outcome for outcome in self.outcomes.values() if isinstance(outcome, Failure)]
        return sorted(failed, key=lambda failure: failure.blocked_by is not None)
