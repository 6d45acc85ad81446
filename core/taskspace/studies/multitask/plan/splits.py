"""Which samples train and which test, and the order in which training sets grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Dataset
from taskspace.errors import DataError


class Split(NamedTuple):
    """Sorted numbers of the samples that may train, and of those that test: int64, disjoint."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def split_of(dataset: Dataset, share: float, seed: int) -> Split:
    """Return the parts as published, if there are both, else a split by `share` and `seed`.

    Raises:
        DataError: if a side would be empty.
    """
    parts = dataset.parts()
    if parts is not None and {"train", "test"} <= set(parts):
        named = np.asarray(parts)
        return Split(np.flatnonzero(named == "train"), np.flatnonzero(named == "test"))
    return drawn_split(dataset.length(), dataset.groups(), share, seed)


def drawn_split(size: int, groups: Sequence[str] | None, share: float, seed: int) -> Split:
    """Return a random split; groups stay whole, and test takes them until it has its share.

    Of two groups or more, test takes at least one, and leaves at least one.

    Raises:
        DataError: if a side would be empty.
    """
    draw = np.random.default_rng(seed)
    if groups is None:
        tests = np.zeros(size, dtype=bool)
        tests[draw.permutation(size)[: round(share * size)]] = True
    else:
        names, group = np.unique(np.asarray(groups), return_inverse=True)
        order = draw.permutation(len(names))
        sizes = np.bincount(group)[order]
        taken = np.cumsum(sizes) - sizes < max(1, round(share * size))
        taken[-1] = False
        tests = np.isin(group, order[taken])
    if tests.all() or not tests.any():
        count = len(set(groups or ()))
        said = "" if groups is None else f" in {count} group{'' if count == 1 else 's'}"
        raise DataError(
            f"A test share of {share:g} of {size} samples{said} leaves nothing to "
            f"{'train on' if tests.any() else 'test on'}.",
            where="test",
            advice="Give another share, or add samples or groups.",
        )
    return Split(np.flatnonzero(~tests), np.flatnonzero(tests))


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
