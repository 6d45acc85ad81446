"""Four disjoint splits of a dataset, by group where there are groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.errors import DataError

SPLITS = ("train", "transfer", "select", "test")
"""train: task networks; transfer: readouts and scratch; select: affinities, best sources,
policies; test: gain, quality and sanity, read once and deciding nothing."""


def split_indices(
    size: int, groups: Sequence[str] | None, shares: Mapping[str, float], seed: int
) -> dict[str, np.ndarray]:
    """Return sorted indices [n] of each split: disjoint, together all of `size`.

    Groups (buildings, patients) are shuffled and dealt whole, each to the split that is furthest
    below its share, so no group stands in two splits; the last ones go where there is none yet.

    Raises:
        DataError: if a split would be empty.
    """
    order = np.random.default_rng(seed)
    samples = f"{size} samples"
    if groups is None:
        shuffled = order.permutation(size)
        ends = np.round(np.cumsum([shares[name] for name in SPLITS]) * size).astype(int)
        parts = dict(zip(SPLITS, np.split(shuffled, ends[:-1]), strict=True))
    else:
        members: dict[str, list[int]] = {}
        for index, group in enumerate(groups):
            members.setdefault(group, []).append(index)
        dealt: dict[str, list[int]] = {name: [] for name in SPLITS}
        for left, group in enumerate(order.permutation(sorted(members)), start=-len(members)):
            empty = [name for name in SPLITS if not dealt[name]]
            near = empty if empty and -left <= len(empty) else SPLITS
            name = max(near, key=lambda name: shares[name] * size - len(dealt[name]))
            dealt[name] += members[group]
        samples += f" in {len(members)} group{'' if len(members) == 1 else 's'}"
        parts = {name: np.array(indices, dtype=np.int64) for name, indices in dealt.items()}
    for name, indices in parts.items():
        if not len(indices):
            raise DataError(
                f"The split {name!r} of {samples} would be empty.",
                advice="Give it a larger share (`splits:`), or add samples or groups.",
            )
    return {name: np.sort(indices) for name, indices in parts.items()}


def random_part(indices: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return `count` of the indices, drawn at random and sorted; a larger count holds a smaller.

    Datasets are often sorted by class, so the first ones would not do.
    """
    return np.sort(np.random.default_rng([seed, len(indices)]).permutation(indices)[:count])
