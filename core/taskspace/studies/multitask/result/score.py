"""What schemes are compared by, as tables and figures show it."""

from __future__ import annotations

from typing import NamedTuple

from taskspace.studies.multitask.result.model import MultitaskResult


class Score(NamedTuple):
    """A score as it is shown; the result stores delta_m as a fraction, readers see percent."""

    name: str
    """`mean accuracy` or `delta_m`."""
    title: str
    """The name with its unit, for columns and axes."""
    factor: float
    """What a stored value is multiplied by to be shown."""
    digits: int


def score_of(result: MultitaskResult) -> Score:
    """Return the score that a result compares its schemes by."""
    if result.score == "delta_m":
        return Score("delta_m", "delta_m, %", 100.0, 2)
    name = f"mean {result.metric}"
    return Score(name, name, 1.0, 3)


def scaled(value: float | None, score: Score) -> float | None:
    """Return a stored value as it is shown."""
    return None if value is None else score.factor * value
