"""Beats per image, and intervals over images by the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from taskspace.studies.taxonomy.tournament import TIE

DRAWS = 1000
LEVEL = 0.95
COUNTS_AT_ONCE = 1 << 16
"""Draws times images that are held at a time, so that they stay in the cache."""


def beats(
    losses: NDArray[np.float32], opponent: NDArray[np.float32], tie: float = TIE
) -> NDArray[np.float32]:
    """Return 1 where `losses` [..., N] are below `opponent` [N], 0.5 at ties, 0 above.

    NaN where either has no loss (a missing label).
    """
    below = losses < opponent - tie * np.abs(opponent)
    above = opponent < losses - tie * np.abs(losses)
    result = np.where(below, 1.0, np.where(above, 0.0, 0.5))
    missing = np.isnan(losses) | np.isnan(opponent)
    return np.where(missing, np.nan, result).astype(np.float32)


def mean_interval(values: NDArray[np.float32], seed: int) -> list[float] | None:
    """Return [mean, low, high]: the mean over targets of the mean over images, with its interval.

    The interval holds 95 % of the means under the bootstrap over images, which all targets share.

    Args:
        values: [N] or [targets, N]; NaN is missing, and a target without any value is left out.

    Returns:
        None where there is no value at all.
    """
    table = np.atleast_2d(values).astype(np.float64)
    table = table[~np.isnan(table).all(axis=1)]
    if not len(table):
        return None
    present = ~np.isnan(table)
    table = np.where(present, table, 0.0)
    draws = np.concatenate(
        [
            np.mean((counts @ table.T) / np.maximum(counts @ present.T, 1), axis=1)
            for counts in _resamples(table.shape[1], seed)
        ]
    )
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    mean = np.mean(table.sum(axis=1) / present.sum(axis=1))
    return [float(mean), float(low), float(high)]


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
