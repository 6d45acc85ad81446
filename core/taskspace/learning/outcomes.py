"""What became of a plan's cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from taskspace.components import Cell, Failure, Outcomes, Stored

KeyT = TypeVar("KeyT")


def results_of(outcomes: Outcomes, cells: Mapping[KeyT, Cell]) -> dict[KeyT, Stored]:
    """Return the results of those cells that have one, in their order."""
    ended = {key: outcomes.get(cell.key) for key, cell in cells.items()}
    return {
        key: outcome
        for key, outcome in ended.items()
        if outcome is not None and not isinstance(outcome, Failure)
    }


def failures_of(outcomes: Outcomes, cells: Iterable[Cell]) -> list[Failure]:
    """Return why cells have no result, each once."""
    ended = {cell.key: outcomes.get(cell.key) for cell in cells}
    return [outcome for outcome in ended.values() if isinstance(outcome, Failure)]
