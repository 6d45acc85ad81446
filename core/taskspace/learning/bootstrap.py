"""Intervals of means over images, by the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import LEVEL, t_quantile

DRAWS = 1000
COUNTS_AT_ONCE = 1 << 16
"""Draws times images that are held at a time, so that they stay in the cache."""


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
