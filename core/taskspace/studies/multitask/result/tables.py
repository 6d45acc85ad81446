"""The tables that the terminal and the report share, and the score that they compare by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from taskspace.components.page import Scalar, Table
from taskspace.learning.records import IntervalRecord
from taskspace.studies.multitask.result.model import (
    DifferenceRecord,
    MultitaskResult,
    SchemeSummary,
)


class ShownScore(NamedTuple):
    """A score as it is shown; the result stores delta_m as a fraction, readers see percent."""

    name: str
    """`mean accuracy` or `delta_m`."""
    title: str
    """The name with its unit, for columns and axes."""
    factor: float
    """What a stored value is multiplied by to be shown."""
    digits: int


def score_of(result: MultitaskResult) -> ShownScore:
    """Return the score that a result compares its schemes by."""
    if result.score == "delta_m":
        return ShownScore("delta_m", "delta_m, %", 100.0, 2)
    name = f"mean {result.metric}"
    return ShownScore(name, name, 1.0, 3)


def scaled(value: float | None, score: ShownScore) -> float | None:
    """Return a stored value as it is shown."""
    return None if value is None else score.factor * value


def summary_table(result: MultitaskResult, seconds: np.ndarray | None) -> Table:
    """Return each scheme on each number of samples: what it gets right, and what it costs.

    Args:
        seconds: for a step, of each training in the result's order; None where it is not known.
    """
    rows: list[Sequence[Scalar]] = []
    letter, word, unit = _unit(result)
    shares = [row.base_rate for row in result.tasks if row.test]
    rates = [share for share in shares if share is not None]
    if result.metric == "accuracy" and rates and len(rates) == len(shares):
        base = f"{float(np.mean(rates)):.3f}"
        rows.append(("(base rate)", None, base, *(None,) * 7))
    for row in result.summary:
        found = row.reported
        rows.append(
            (
                row.scheme,
                row.size,
                shown(found.mean),
                shown(found.delta_m, 100),
                _mean(row.expected),
                _mean(found.kept),
                _counted(row.multiply_adds, unit),
                _counted(found.multiply_adds, unit),
                _counted(row.deployed, unit),
                _milliseconds(result, seconds, row),
            )
        )
    metric = result.metric or "metric"
    return Table(
        "schemes",
        (
            "scheme",
            "samples",
            f"mean {metric}",
            "delta_m, %",
            "expected",
            "kept",
            f"{letter} train",
            f"{letter} test",
            f"{letter} alone",
            "ms",
        ),
        rows,
        f"On test samples, by the rule `{result.rules[0]}`. ±: {result.interval}. "
        "base rate: accuracy of always predicting the most frequent class. delta_m: relative gain "
        "against `separate`. expected, kept: experts of a task, over all layers. "
        f"{letter}: {word}multiply-adds for a sample, forward, of the experts that ran; alone: of "
        "one task's small network with its head and all. ms: a step of training.",
        digits=2,
        keys=2,
    )


def task_table(result: MultitaskResult) -> Table:
    """Return the metric of each task under each scheme on the most samples, and its base rate."""
    largest = largest_summaries(result)
    rows: list[Sequence[Scalar]] = []
    for number, task in enumerate(result.tasks if largest else ()):
        values = [shown(row.reported.metric[number]) for row in largest]
        rows.append((task.name, task.metric, task.test, task.base_rate, *values))
    size = f" after {largest[0].size} training samples of all tasks" if largest else ""
    return Table(
        "tasks",
        ("task", "metric", "tested on", "base rate", *(row.scheme for row in largest)),
        rows,
        f"Each task{size}; base rate: the share of its most frequent class among test labels.",
    )


def difference_table(result: MultitaskResult) -> Table:
    """Return the paired differences between schemes on the most samples."""
    score = score_of(result)
    rows: list[Sequence[Scalar]] = [
        (
            f"{row.first} - {row.second}",
            row.repetitions,
            *(scaled(end, score) for end in (row.mean, row.low, row.high)),
            _ahead(row, rising=result.rising),
        )
        for row in largest_differences(result)
    ]
    return Table(
        "differences",
        ("difference", "repetitions", score.title, "low", "high", "ahead, pointwise"),
        rows,
        f"Paired by repetition; low, high: pointwise {result.interval}, uncorrected: 1 in 20 "
        "excludes 0 by chance. The verdict is corrected for the number of comparisons.",
        digits=score.digits,
    )


def largest_summaries(result: MultitaskResult) -> list[SchemeSummary]:
    """Return the summaries of all schemes on the most samples."""
    most = max((row.size for row in result.summary), default=None)
    return [row for row in result.summary if row.size == most]


def largest_differences(result: MultitaskResult) -> list[DifferenceRecord]:
    """Return the paired differences between schemes on the most samples."""
    sizes = {row.size for row in largest_summaries(result)}
    return [row for row in result.differences if row.size in sizes]


def shown(found: IntervalRecord | None, scale: float = 1.0) -> str | None:
    """Return `0.612 ± 0.021`, the mean alone of one repetition, None without a value.

    Its spaces are such that no line ends at them.
    """
    if found is None:
        return None
    digits = 3 if scale == 1.0 else 1
    mean = f"{scale * found.mean:.{digits}f}"
    if found.high is None:
        return mean
    return f"{mean}\u00a0±\u00a0{scale * (found.high - found.mean):.{digits}f}"


def _ahead(row: DifferenceRecord, *, rising: bool) -> str | None:
    """Return which of two schemes is ahead by the pointwise interval, None if it includes 0."""
    if row.low is None or row.high is None or row.low <= 0 <= row.high:
        return None
    return str(row.first if (row.mean > 0) == rising else row.second)


def _mean(found: IntervalRecord | None) -> float | None:
    return None if found is None else float(found.mean)


def _unit(result: MultitaskResult) -> tuple[str, str, float]:
    """Return the unit in which the largest count of multiply-adds has few digits."""
    largest = max((row.multiply_adds.mean for row in result.summary), default=0.0)
    if largest >= 1e5:
        return "M", "million ", 1e6
    return ("k", "thousand ", 1e3) if largest >= 1e2 else ("1", "", 1.0)


def _counted(found: IntervalRecord | None, unit: float) -> float | None:
    return None if found is None else float(found.mean) / unit


def _milliseconds(
    result: MultitaskResult, seconds: np.ndarray | None, row: SchemeSummary
) -> float | None:
    if seconds is None or len(seconds) != len(result.trials):
        return None
    own = [
        float(second)
        for second, trial in zip(seconds, result.trials, strict=True)
        if (trial.scheme, trial.size) == (row.scheme, row.size)
    ]
    return 1000 * float(np.median(own)) if own else None
