"""A block of a report: named values with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class IntervalRow(NamedTuple):
    """A named value with its interval and the values that it is the mean of; None is absent."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    points: Sequence[float] = ()


@dataclass(frozen=True)
class Intervals:
    """Named values below each other, over one axis; `mark` is where a line stands, such as 0."""

    name: str
    rows: Sequence[IntervalRow]
    title: str
    caption: str = ""
    mark: float | None = None
