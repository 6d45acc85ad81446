"""Whether differences are there: Student's t, paired comparisons, corrections, the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, inf, sqrt
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95

MOST_IMAGES = 1_000_000
"""Where more would be needed to decide, the difference is nothing."""

KeyT = TypeVar("KeyT")

DRAWS = 1000
COUNTS_AT_ONCE = 1 << 16
"""Draws times images that are held at a time, so that they stay in the cache."""


class Interval(NamedTuple):
    """A mean over repetitions with Student's t interval; no ends where there is one repetition."""

    mean: float
    low: float | None
    high: float | None
    repetitions: int


class Comparison(NamedTuple):
    """The mean of paired differences, positive where the first of the two is better.

    Attributes:
        low, high: its 95 % interval over images.
        p: one-sided: how likely such a mean is where there is no difference.
        agree: whether the mean is positive with every seed.
        of: what differs: `loss` or `metric`.
        images: how many were compared.
        needed: images from which on the interval leaves out 0 if the mean stays what it is; None
            where that is more than anybody has.
    """

    mean: float
    low: float
    high: float
    p: float
    agree: bool
    images: int
    needed: int | None
    of: str = "loss"


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of independent repetitions and its 95 % interval, mean ± t s / sqrt(n).

    Of values that differ by repetition alone; of paired differences it is the paired t interval.
    One value has none; nor have values that are all equal, as the accuracies of a few repetitions
    on a small test set may be: how much others would differ is not known from them.
    """
    count, mean = len(values), float(np.mean(values))
    if count < 2 or np.allclose(values, mean, rtol=1e-9, atol=1e-12):
        return Interval(mean, None, None, count)
    spread = float(np.std(values, ddof=1)) / sqrt(count)
    reach = t_quantile((1 + LEVEL) / 2, count - 1) * spread
    return Interval(mean, mean - reach, mean + reach, count)


def share_interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` independent cases (Wilson 1927)."""
    z = t_quantile((1 + LEVEL) / 2, inf)
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + (z / count) ** 2 / 4)
    return centre - reach, centre + reach


def paired_p_value(difference: Interval) -> float | None:
    """Return the two-sided p value of the paired t-test whose interval is given.

    The interval holds the standard error, half its length over the quantile of Student's t, so
    that t = mean / error with n - 1 degrees of freedom. None where there is no interval.
    """
    if difference.low is None or difference.high is None:
        return None
    freedom = difference.repetitions - 1
    error = (difference.high - difference.low) / 2 / t_quantile((1 + LEVEL) / 2, freedom)
    return 2 * _upper_tail(abs(difference.mean) / error, freedom)


def deviation(difference: Interval) -> float | None:
    """Return the standard deviation of the repetitions whose interval is given.

    The half length of the interval is t s / sqrt(n). None where there is no interval.
    """
    if difference.low is None or difference.high is None:
        return None
    reach = (difference.high - difference.low) / 2
    quantile = t_quantile((1 + LEVEL) / 2, difference.repetitions - 1)
    return reach * sqrt(difference.repetitions) / quantile


def repetitions_needed(difference: float, deviation: float, power: float = 0.8) -> int | None:
    """Return how many repetitions a paired t-test needs to show a difference.

    The least n with P(T > t) >= power, where T has Student's noncentral distribution with n - 1
    degrees of freedom and noncentrality |difference| sqrt(n) / deviation, and t is the two-sided
    95 % quantile of Student's t (Cohen 1988, ch. 2). One test, uncorrected for others.

    Args:
        difference: that there is between the two, in any unit.
        deviation: of paired differences between repetitions, in the same unit.
        power: the probability with which the test shows it.

    Returns:
        None where more than a million would be needed.
    """
    most = 1_000_000
    if not difference or not _shown_with(difference, deviation, most) >= power:
        return None
    too_few, enough = 1, most
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _shown_with(difference, deviation, middle) >= power:
            enough = middle
        else:
            too_few = middle
    return enough


def _shown_with(difference: float, deviation: float, repetitions: int) -> float:
    """Return the probability that a paired t-test of so many repetitions shows a difference."""
    from scipy.special import nctdtr  # noqa: PLC0415  listing studies needs no SciPy

    if not deviation:
        return 1.0
    freedom = repetitions - 1
    centre = abs(difference) * sqrt(repetitions) / deviation
    return 1.0 - float(nctdtr(freedom, centre, t_quantile((1 + LEVEL) / 2, freedom)))


def compare(differences: NDArray[np.float32]) -> Comparison | None:
    """Return what paired differences [S, N] over S seeds and N images show.

    The paired t-test over images of the mean over seeds: a statement about these networks on new
    images. Whether other seeds would do as well is what `agree` and the stability of a policy are
    for; three seeds are too few to test it.

    Args:
        differences: NaN where a label is missing.

    Returns:
        None where fewer than two images have a difference.
    """
    found = np.asarray(differences, dtype=np.float64)
    found = found[:, ~np.isnan(found).any(axis=0)]
    images = found.shape[1]
    if images < 2:
        return None
    mean, agree = float(found.mean()), bool((found.mean(axis=1) > 0).all())
    variance = float(found.mean(axis=0).var(ddof=1))
    if not variance:
        return Comparison(mean, mean, mean, 0.0 if mean > 0 else 1.0, agree, images, images)
    error = sqrt(variance / images)
    reach = t_quantile((1 + LEVEL) / 2, images - 1) * error
    p = _upper_tail(mean / error, images - 1)
    needed = ceil(4 * variance / mean**2) if mean**2 * MOST_IMAGES > 4 * variance else None
    return Comparison(mean, mean - reach, mean + reach, p, agree, images, needed)


def holm(p_values: Mapping[KeyT, float]) -> dict[KeyT, float]:
    """Return p-values corrected for their number (Holm 1979): the chance of any false claim.

    The i-th smallest of k is multiplied by k - i + 1, and none is below one that is smaller.
    """
    corrected: dict[KeyT, float] = {}
    least = 0.0
    for position, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        least = max(least, min(1.0, (len(p_values) - position) * p_values[key]))
        corrected[key] = least
    return {key: corrected[key] for key in p_values}


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


def t_quantile(share: float, degrees: float) -> float:
    """Return the quantile of Student's t."""
    from scipy.special import stdtrit  # noqa: PLC0415  listing studies needs no SciPy

    return float(stdtrit(degrees, share))


def _upper_tail(t: float, degrees: float) -> float:
    """Return the probability that Student's t is above `t`."""
    from scipy.special import stdtr  # noqa: PLC0415  listing studies needs no SciPy

    return float(stdtr(degrees, -t))


def mean_interval(values: NDArray[np.float32], seed: int) -> list[float] | None:
    """Return [mean, low, high]: the mean over targets of the mean over images, with its interval.

    With one seed the interval holds 95 % of the means under the bootstrap over images, which all
    targets share. With several it is a prediction interval: where the same number of a run with
    another seed and as many other images is to be expected (see `_fresh`).

    Args:
        values: shares in [0, 1]: [N], [targets, N] or [seeds, targets, N]; NaN is missing, and a
            target without any value is left out.

    Returns:
        None where there is no value at all.
    """
    table = np.asarray(values, dtype=np.float64)
    table = table.reshape((1,) * (3 - table.ndim) + table.shape)
    table = table[:, ~np.isnan(table).all(axis=(0, 2))]
    if not table.shape[1]:
        return None
    present = ~np.isnan(table)
    table = np.where(present, table, 0.0)
    means = (table.sum(axis=2) / np.maximum(present.sum(axis=2), 1)).mean(axis=1)
    mean = float(means.mean())
    rows, there = (part.reshape(-1, table.shape[2]).T for part in (table, present))
    draws = np.concatenate(
        [
            ((counts @ rows) / np.maximum(counts @ there, 1)).mean(axis=1)
            for counts in _resamples(table.shape[2], seed)
        ]
    )
    if len(table) == 1:
        low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    else:
        reach = _fresh(means, float(draws.var(ddof=1)), table.shape[2])
        low, high = max(0.0, mean - reach), min(1.0, mean + reach)
    return [mean, float(low), float(high)]


def _fresh(means: NDArray[np.float64], image_variance: float, images: int) -> float:
    """Return how far a run with another seed and other images may be from the mean of S seeds.

    Two-way random effects: with s^2 the variance between seeds and v that of the mean over images,
    the difference has the variance s^2 (1 + 1/S) + 2 v, since both sides draw images. Its t has
    the degrees of freedom of Satterthwaite (1946).
    """
    count = len(means)
    seeds = float(means.var(ddof=1)) * (1 + 1 / count)
    drawn = 2 * image_variance
    if not seeds + drawn:
        return 0.0
    degrees = (seeds + drawn) ** 2 / (seeds**2 / (count - 1) + drawn**2 / max(images - 1, 1))
    return t_quantile((1 + LEVEL) / 2, degrees) * float(np.sqrt(seeds + drawn))


def _resamples(images: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield, some at a time, how often each draw has each image: [draws, images]."""
    random = np.random.default_rng(seed)
    rows = max(1, COUNTS_AT_ONCE // images)
    for start in range(0, DRAWS, rows):
        count = min(rows, DRAWS - start)
        drawn = random.integers(images, size=(count, images))
        drawn += images * np.arange(count)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=count * images)
        yield counts.reshape(count, images).astype(np.float64)
