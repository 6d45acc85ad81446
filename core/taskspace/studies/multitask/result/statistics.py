"""What repetitions say together: intervals, paired differences, frontiers, similar tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95


class Interval(NamedTuple):
    """A mean over repetitions with Student's t interval; no ends where there is one repetition."""

    mean: float
    low: float | None
    high: float | None
    repetitions: int


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of independent repetitions and its 95 % interval, mean ± t s / sqrt(n).

    Of values that differ by repetition alone; of paired differences it is the paired t interval.
    One value has none; nor have values that are all equal, as the accuracies of a few repetitions
    on a small test set may be: how much others would differ is not known from them.
    """
    count, mean = len(values), float(np.mean(values))
    if count < 2 or np.allclose(values, mean, rtol=1e-9, atol=1e-12):
        return Interval(mean, None, None, count)
    from scipy.special import stdtrit  # noqa: PLC0415  listing studies needs no SciPy

    spread = float(np.std(values, ddof=1)) / sqrt(count)
    reach = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * spread
    return Interval(mean, mean - reach, mean + reach, count)


def paired_p_value(difference: Interval) -> float | None:
    """Return the two-sided p value of the paired t-test whose interval is given.

    The interval holds the standard error, half its length over the quantile of Student's t, so
    that t = mean / error with n - 1 degrees of freedom. None where there is no interval.
    """
    if difference.low is None or difference.high is None:
        return None
    from scipy.special import stdtr, stdtrit  # noqa: PLC0415  listing studies needs no SciPy

    freedom = difference.repetitions - 1
    error = (difference.high - difference.low) / 2 / float(stdtrit(freedom, (1 + LEVEL) / 2))
    return 2 * float(stdtr(freedom, -abs(difference.mean) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values adjusted for their number, in their order (Holm 1979).

    Whoever rejects those of at most alpha rejects any true hypothesis with probability at most
    alpha, however the tests depend on each other. The i-th smallest of k becomes the largest of
    (k - j + 1) p_j over j <= i, at most 1.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def relative_gain(
    values: Sequence[float | None], baseline: Sequence[float | None], rising: Sequence[bool]
) -> float | None:
    """Return delta_m: the mean over tasks of the relative gain against single-task networks.

    Tasks without a value, or whose baseline is 0, are left out; None where none is left
    (Maninis et al. 2019, eq. 4).

    Args:
        values: the metric of each task.
        baseline: of the networks that share nothing.
        rising: whether more is better, for each task.
    """
    gains = [
        (value - base) / abs(base) * (1 if up else -1)
        for value, base, up in zip(values, baseline, rising, strict=True)
        if value is not None and base
    ]
    return float(np.mean(gains)) if gains else None


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
