"""Who competes for a target: transfers, the supervised network, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taskspace.studies.taxonomy.maths.floor import FLOOR
from taskspace.studies.taxonomy.maths.tournament import Normaliser, affinities, win_rates
from taskspace.studies.taxonomy.plan.cells import Sources, label

SUPERVISED = "(supervised)"
"""The competitor that is the target's own, fully supervised network."""


class Chain(NamedTuple):
    """From the encoder of `source` over a prediction of `through` to `target`."""

    source: str
    through: str
    target: str


def competitor_name(target: str, sources: Sequence[str]) -> str:
    """Return the competitor that serves a target in a policy's transfers."""
    if not sources:
        return FLOOR
    return SUPERVISED if list(sources) == [target] else label(sources)


def ranked(
    losses: Mapping[Sources, Sequence[NDArray[np.float32]]], normaliser: Normaliser
) -> list[Sources]:
    """Return source sets by their affinity among each other, best first, ties by name.

    Args:
        losses: source set to losses [N] on `select` in each repetition, whose affinities are
            averaged; NaN where a label is missing.
    """
    sets = sorted(losses)
    if len(sets) <= 1:
        return sets
    strengths = []
    for together in zip(*(losses[sources] for sources in sets), strict=True):
        stacked = present_losses(together)
        if not stacked.shape[1]:
            return []  # no label to choose by; the tournament of the target will say so
        strengths.append(affinities(win_rates(stacked), normaliser))
    strength = np.mean(strengths, axis=0)
    return [sets[i] for i in sorted(range(len(sets)), key=lambda i: (-strength[i], sets[i]))]


def all_subsets(best: Sequence[str], max_order: int) -> Iterable[Sources]:
    """Yield all subsets of the best sources of orders 2 to `max_order`, each sorted by name."""
    for order in range(2, max_order + 1):
        for subset in combinations(best, order):
            yield tuple(sorted(subset))


def extended(best_sets: Sequence[Sources], best: Sequence[str], width: int) -> list[Sources]:
    """Return one step of the beam search: the `width` best sets, each with one source more.

    Args:
        best_sets: the sets of one order, best first.
        best: all sources, best first; each set is extended by the `width` first that it lacks.
    """
    longer = {
        tuple(sorted((*sources, source)))
        for sources in best_sets[:width]
        for source in [s for s in best if s not in sources][:width]
    }
    return sorted(longer)


def present_losses(losses: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return losses [C, n] on the images where every competitor has one."""
    stacked = np.stack(losses)
    return stacked[:, ~np.isnan(stacked).any(axis=0)]
