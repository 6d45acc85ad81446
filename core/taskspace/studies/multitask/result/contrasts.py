"""Paired differences that bear the verdict, with p values corrected for how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from taskspace.learning.statistics import LEVEL, Interval, holm, paired_p_value
from taskspace.studies.multitask.plan.state import SEPARATE
from taskspace.studies.multitask.result.model import DifferenceRecord, MultitaskResult
from taskspace.studies.multitask.result.tables import largest_differences

ALPHA = 1 - LEVEL
"""Probability, at most, with which any difference is called shown that is none."""


class Contrast(NamedTuple):
    """The paired difference of two schemes on the most samples, `first` minus `second`.

    Attributes:
        difference: of their scores, with its pointwise interval.
        p_value: two-sided, adjusted for all contrasts of a result; None without an interval.
        winner: the scheme that is shown to be better, None where none is.
    """

    first: str
    second: str
    difference: Interval
    p_value: float | None
    winner: str | None

    @property
    def loser(self) -> str:
        """Return the scheme that is not the winner."""
        return self.second if self.winner == self.first else self.first


def baseline_of(result: MultitaskResult) -> str | None:
    """Return what the job calls its first scheme of separate networks, if it has one."""
    return next((each.name for each in result.schemes if each.gating == SEPARATE), None)


def contrasts(result: MultitaskResult) -> list[Contrast]:
    """Return every scheme against separate networks; every two schemes where there are none.

    P values are adjusted by Holm's method. Contrasts without an interval count as compared.
    """
    baseline = baseline_of(result)
    rows = largest_differences(result)
    against = [row for row in rows if baseline in (row.first, row.second)]
    oriented = [_oriented(row, baseline) for row in against or rows]
    p_values = [paired_p_value(difference) for _, _, difference in oriented]
    adjusted = holm({place: 1.0 if p is None else p for place, p in enumerate(p_values)}).values()
    compared = []
    for (first, second, difference), p, corrected in zip(oriented, p_values, adjusted, strict=True):
        ahead = first if (difference.mean > 0) == result.rising else second
        p_value = None if p is None else corrected
        winner = ahead if p is not None and corrected <= ALPHA else None
        compared.append(Contrast(first, second, difference, p_value, winner))
    return compared


def one_repetition(compared: Sequence[Contrast]) -> bool:
    """Return whether schemes are compared, but by one repetition alone."""
    return {contrast.difference.repetitions for contrast in compared} == {1}


def _oriented(row: DifferenceRecord, baseline: str | None) -> tuple[str, str, Interval]:
    """Return a stored difference, reversed where its first scheme is the baseline."""
    first, second = row.first, row.second
    difference = Interval(row.mean, row.low, row.high, row.repetitions)
    if first != baseline:
        return first, second, difference
    low, high = (None if end is None else -end for end in (difference.high, difference.low))
    return second, first, Interval(-difference.mean, low, high, difference.repetitions)
