"""Four disjoint splits of a dataset, by group where there are groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.errors import DataError

SPLITS = ("train", "transfer", "select", "test")
"""train: task networks; transfer: readouts and scratch; select: affinities, best sources,
policies; test: gain, quality and sanity, read once and deciding nothing."""


def split_indices(
    size: int,
    groups: Sequence[str] | None,
    shares: Mapping[str, float],
    seed: int,
    repetition: int = 0,
) -> dict[str, np.ndarray]:
    """Return sorted indices [n] of each split: disjoint, together all of `size`.

    Groups (buildings, patients) are shuffled and dealt whole, each to the split that is furthest
    below its share, so no group stands in two splits; the last ones go where there is none yet.
    Repetitions share the test images and divide all others anew: what one of them decides on, no
    other reports on.

    Raises:
        DataError: if a split would be empty.
    """
    everything = np.arange(size)
    parts = _divided(everything, groups, shares, np.random.default_rng(seed))
    if repetition:
        rest = np.sort(np.concatenate([parts[name] for name in SPLITS if name != "test"]))
        others = {name: shares[name] for name in SPLITS if name != "test"}
        total = sum(others.values())
        parts |= _divided(
            rest,
            groups,
            {name: share / total for name, share in others.items()},
            np.random.default_rng([seed, repetition]),
        )
    return {name: np.sort(parts[name]) for name in SPLITS}


def _divided(
    indices: np.ndarray,
    groups: Sequence[str] | None,
    shares: Mapping[str, float],
    order: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return the indices dealt to splits in proportion to their shares, which add up to 1."""
    size, names = len(indices), [name for name in SPLITS if name in shares]
    samples = f"{size} samples"
    if groups is None:
        shuffled = indices[order.permutation(size)]
        ends = np.round(np.cumsum([shares[name] for name in names]) * size).astype(int)
        parts = dict(zip(names, np.split(shuffled, ends[:-1]), strict=True))
    else:
        members: dict[str, list[int]] = {}
        for index in indices.tolist():
            members.setdefault(groups[index], []).append(index)
        dealt: dict[str, list[int]] = {name: [] for name in names}
        for left, group in enumerate(order.permutation(sorted(members)), start=-len(members)):
            empty = [name for name in names if not dealt[name]]
            near = empty if empty and -left <= len(empty) else names
            name = max(near, key=lambda name: shares[name] * size - len(dealt[name]))
            dealt[name] += members[group]
        samples += f" in {len(members)} group{'' if len(members) == 1 else 's'}"
        parts = {name: np.array(chosen, dtype=np.int64) for name, chosen in dealt.items()}
    for name, chosen in parts.items():
        if not len(chosen):
            raise DataError(
                f"The split {name!r} of {samples} would be empty.",
                advice="Give it a larger share (`splits:`), or add samples or groups.",
            )
    return parts


def sample_part(indices: np.ndarray, count: int) -> np.ndarray:
    """Return the sample of a split that people look at, sorted: the same in every run."""
    return random_part(indices, count, seed=0)


def random_part(indices: np.ndarray, count: int, seed: int, repetition: int = 0) -> np.ndarray:
    """Return `count` of the indices, drawn at random and sorted; a larger count holds a smaller.

    Datasets are often sorted by class, so the first ones would not do.
    """
    parts = [seed, len(indices), *([repetition] if repetition else [])]
    return np.sort(np.random.default_rng(parts).permutation(indices)[:count])
