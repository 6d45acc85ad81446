"""The trainings of a job compared: means, paired differences, the frontier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.records import IntervalRecord, interval_record
from taskspace.learning.statistics import interval
from taskspace.studies.multitask.result.model import (
    DifferenceRecord,
    FrontierRecord,
    RuleRecord,
    RuleSummary,
    SchemeSummary,
    ScoreKey,
    TrialRecord,
)

Rows = Sequence[TrialRecord]
RowT = TypeVar("RowT", TrialRecord, RuleRecord)
ItemT = TypeVar("ItemT")


def summaries(rows: Rows) -> list[SchemeSummary]:
    """Return each scheme on each number of samples, over repetitions, by each rule."""
    found = []
    for size in _distinct(row.size for row in rows):
        for scheme in _distinct(row.scheme for row in rows):
            own = [row for row in rows if (row.scheme, row.size) == (scheme, size)]
            if own:
                found.append(_summary(own))
    return found


def _summary(own: Rows) -> SchemeSummary:
    first = own[0]
    return SchemeSummary(
        scheme=first.scheme,
        size=first.size,
        repetitions=len(own),
        rule=first.rule,
        experts=first.experts,
        parameters=first.parameters,
        expected=_over(own, lambda row: float(np.mean(np.sum(row.expected, axis=0)))),
        multiply_adds=_all(own, lambda row: row.multiply_adds),
        deployed=_over(own, lambda row: float(np.mean(row.deployed))),
        rules={rule: _rule_summary([row.rules[rule] for row in own]) for rule in first.rules},
    )


def _rule_summary(own: Sequence[RuleRecord]) -> RuleSummary:
    return RuleSummary(
        mean=_over(own, lambda row: row.mean),
        delta_m=_over(own, lambda row: row.delta_m),
        metric=[
            _over(own, lambda row, t=task: row.metric[t])  # type: ignore[misc]
            for task in range(len(own[0].metric))
        ],
        kept=_over(own, lambda row: float(np.mean(np.sum(row.kept, axis=0)))),
        multiply_adds=_all(own, lambda row: row.multiply_adds),
    )


def score_name(rows: Rows) -> ScoreKey | None:
    """Return by what schemes are compared: `mean`, or `delta_m` where metrics differ."""
    if any(row.reported.mean is not None for row in rows):
        return "mean"
    return "delta_m" if any(row.reported.delta_m is not None for row in rows) else None


def differences(rows: Rows) -> list[DifferenceRecord]:
    """Return the paired difference of every two schemes on each number of samples.

    Pairs are repetitions: the same samples in the same order, and the same start of the generator.
    """
    score = score_name(rows)
    found = []
    for size in _distinct(row.size for row in rows):
        by_scheme: dict[str, dict[int, float]] = {}
        for row in rows:
            value = row.reported.by(score)
            if row.size == size and value is not None:
                by_scheme.setdefault(row.scheme, {})[row.seed] = value
        for first, second in combinations(by_scheme, 2):
            seeds = sorted(by_scheme[first].keys() & by_scheme[second].keys())
            if seeds:
                gaps = [by_scheme[first][seed] - by_scheme[second][seed] for seed in seeds]
                over = interval(gaps)._asdict()
                found.append(DifferenceRecord(size=size, first=first, second=second, **over))
    return found


def frontier(
    summary: Sequence[SchemeSummary], score: ScoreKey | None, *, rising: bool
) -> list[FrontierRecord]:
    """Return cost and score of each scheme on the most samples, and what dominates it.

    Cost is the multiply-adds of experts for a test sample.
    """
    size = max((row.size for row in summary), default=None)
    points: dict[str, tuple[float, float]] = {}
    for row in summary:
        value = row.reported.by(score)
        if row.size == size and value is not None:
            points[row.scheme] = (row.reported.multiply_adds.mean, value.mean)
    beaten = dominated_by(points, rising=rising)
    return [
        FrontierRecord(scheme=name, multiply_adds=cost, score=value, dominated_by=beaten[name])
        for name, (cost, value) in points.items()
    ]


def _over(rows: Sequence[RowT], value: Callable[[RowT], float | None]) -> IntervalRecord | None:
    """Return the interval of a value over repetitions; None where none has it."""
    values = [found for row in rows if (found := value(row)) is not None]
    return interval_record(values) if values else None


def _all(rows: Sequence[RowT], value: Callable[[RowT], float]) -> IntervalRecord:
    """Return the interval of a value that every repetition has."""
    return interval_record([value(row) for row in rows])


def _distinct(values: Iterable[ItemT]) -> list[ItemT]:
    return list(dict.fromkeys(values))


def dominated_by(
    points: Mapping[str, tuple[float, float]], *, rising: bool
) -> dict[str, str | None]:
    """Return for each scheme the one that beats it in both cost and score, or None.

    A scheme dominates another if it is nowhere worse and somewhere better; of several, the one
    of the best score is named.

    Args:
        points: (cost, score) of each scheme.
        rising: whether a higher score is better.
    """
    sign = 1.0 if rising else -1.0

    def beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
        cheaper, better = other[0] - one[0], sign * (one[1] - other[1])
        return min(cheaper, better) >= 0 and max(cheaper, better) > 0

    found: dict[str, str | None] = {}
    for name, point in points.items():
        better = [other for other, rival in points.items() if beats(rival, point)]
        found[name] = max(better, key=lambda other: (sign * points[other][1], other), default=None)
    return found


def task_similarity(probabilities: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the correlation of tasks by the gate probabilities of all layers [N, N].

    NaN where a task's probabilities are all alike: then nothing can be said (Yan 2020, Fig. 3.3).

    Args:
        probabilities: [N, M] a layer.
    """
    table = np.concatenate([np.asarray(p, dtype=np.float64) for p in probabilities], axis=1)
    centred = table - table.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1)
    # Sums of equal numbers leave a remainder that is no difference.
    known = norm > 1e-6 * np.linalg.norm(table, axis=1)
    unit = centred / np.where(known, norm, 1.0)[:, None]
    similarity: NDArray[np.float64] = np.clip(unit @ unit.T, -1.0, 1.0)
    similarity[~known, :] = np.nan
    similarity[:, ~known] = np.nan
    return similarity
