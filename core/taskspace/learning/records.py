"""Statistics as results hold them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from taskspace.components import Number, Record
from taskspace.learning.statistics import interval


class IntervalRecord(Record):
    """A mean over repetitions with its 95 % interval."""

    mean: Number = Field(description="Over repetitions.")
    low: Number | None = Field(
        description="Lower end; null with one repetition, or where all are equal."
    )
    high: Number | None = Field(description="Upper end, null like the lower one.")
    repetitions: int = Field(description="How many values there are.")


def interval_record(values: Sequence[float]) -> IntervalRecord:
    """Return the interval of the values of independent repetitions, at least one."""
    return IntervalRecord(**interval(values)._asdict())
