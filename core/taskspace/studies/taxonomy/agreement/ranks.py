"""Rank correlation by column, with ties and with missing values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEWEST = 3
"""Two sources have two orders, so their correlation is always 1 or -1 and says nothing."""


def centred_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value's rank within its column minus the column's mean rank; ties share theirs.

    It is half of how many values of the column are below minus how many are above; 0 where a value
    is missing. Work and memory are O(S^2 T).

    Args:
        values: [S, T], NaN where missing.
    """
    ahead = np.sign(values[:, None, :] - values[None, :, :])
    ranks: NDArray[np.float64] = 0.5 * np.nan_to_num(ahead).sum(axis=1)
    return ranks


def spearman_by_column(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Spearman's rank correlation of each pair of columns [T], over what both have.

    NaN for columns with fewer than three common values, or whose values are all the same in one.

    Args:
        first: [S, T], NaN where missing; `second` likewise.
    """
    mine, theirs = common_ranks(first, second)
    scale = np.sqrt((mine**2).sum(axis=0) * (theirs**2).sum(axis=0))
    counted = (~np.isnan(first + second)).sum(axis=0) >= FEWEST
    told = counted & (scale > 0)
    agreement: NDArray[np.float64] = np.divide(
        (mine * theirs).sum(axis=0), scale, out=np.full(scale.shape, np.nan), where=told
    )
    return agreement


def common_ranks(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centred ranks [S, T] of both, among the values that both have."""
    missing = np.isnan(first + second)
    return (
        centred_ranks(np.where(missing, np.nan, first)),
        centred_ranks(np.where(missing, np.nan, second)),
    )
