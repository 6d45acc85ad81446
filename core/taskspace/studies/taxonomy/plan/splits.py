"""Four disjoint splits of a dataset, by group where there are groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.learning.splits import dealt

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

    No group stands in two splits. Repetitions share the test images and divide all others anew:
    what one of them decides on, no other reports on.

    Raises:
        DataError: if a split would be empty.
    """
    draw = np.random.default_rng(seed)
    parts = dealt(np.arange(size), groups, {name: shares[name] for name in SPLITS}, draw)
    if repetition:
        rest = np.sort(np.concatenate([parts[name] for name in SPLITS if name != "test"]))
        others = {name: shares[name] for name in SPLITS if name != "test"}
        total = sum(others.values())
        others = {name: share / total for name, share in others.items()}
        parts |= dealt(rest, groups, others, np.random.default_rng([seed, repetition]))
    return {name: np.sort(parts[name]) for name in SPLITS}
