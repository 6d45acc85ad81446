"""Who competes for a target: transfers, the supervised network, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from taskspace.studies.taxonomy.tournament import Normaliser, affinities, win_rates

SUPERVISED = "(supervised)"
"""The competitor that is the target's own, fully supervised network."""


def label(sources: Sequence[str]) -> str:
    """Return the name of a source set: `edges+parity`."""
    return "+".join(sources)


def best_sources(
    losses: Mapping[str, NDArray[np.float32]], count: int, normaliser: Normaliser
) -> list[str]:
    """Return the `count` sources of highest first-order affinity, best first, ties by name.

    Args:
        losses: source to losses [N] on `select`; NaN where a label is missing.
    """
    names = sorted(losses)
    if len(names) <= 1:
        return names[:count]
    stacked = present_losses([losses[name] for name in names])
    if not stacked.shape[1]:
        return []  # no label to choose by; the tournament of the target will say so
    strength = affinities(win_rates(stacked), normaliser)
    order = sorted(range(len(names)), key=lambda i: (-strength[i], names[i]))
    return [names[i] for i in order[:count]]


def higher_orders(best: Sequence[str], max_order: int) -> Iterable[tuple[str, ...]]:
    """Yield all subsets of the best sources of orders 2 to `max_order`, each sorted by name."""
    for order in range(2, max_order + 1):
        for subset in combinations(best, order):
            yield tuple(sorted(subset))


def present_losses(losses: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return losses [C, n] on the images where every competitor has one."""
    stacked = np.stack(losses)
    return stacked[:, ~np.isnan(stacked).any(axis=0)]
