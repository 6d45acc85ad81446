"""Samples of a given number: the same for every cell, a larger one holding a smaller."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def growing_order(strata: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return all samples in an order each beginning of which has the strata in proportion.

    The samples of a stratum are shuffled; the k-th of n stands at (k + u) / n, u in [0, 1) drawn
    for the stratum, and places decide. So training sets of growing size are nested, by class.

    Args:
        strata: of each sample [n].
        seed: another seed, another order.
    """
    draw = np.random.default_rng(seed)
    _, stratum, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    shuffled = draw.permutation(len(strata))
    own = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    rank = np.arange(len(strata)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = (rank + draw.random(len(sizes))[stratum[own]]) / sizes[stratum[own]]
    order: NDArray[np.int64] = own[np.argsort(place, kind="stable")]
    return order


def strata_of(labels: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return one number for each combination of labels [n], from the labels of each task [n]."""
    strata = np.zeros(len(labels[0]), dtype=np.int64)
    for own in labels:
        # Made dense after each task, so that no number of tasks overflows.
        _, dense = np.unique(own, return_inverse=True)
        _, strata = np.unique(strata * (dense.max(initial=0) + 1) + dense, return_inverse=True)
    return strata
