"""Whether differences are there: against several rivals at once, and in how many transfers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import LEVEL, Comparison

SIGNIFICANT = 0.05
"""Below this p, after Holm's correction, a difference counts as shown."""


class Claim(NamedTuple):
    """What is shown of a competitor against both baselines that need no labels of others.

    Attributes:
        compared: with the harder of the two, the one with the larger p.
        against: which one that is.
        agree: whether it is better than both with every seed.
    """

    compared: Comparison
    against: str
    agree: bool


def against_all(comparisons: Mapping[str, Comparison | None]) -> Claim | None:
    """Return the claim that a competitor is better than every rival.

    An intersection-union test (Berger 1982): the largest p is that of the whole claim, and needs no
    correction, since all of the comparisons have to hold. None where one could not be made.

    Args:
        comparisons: by rival; positive where the competitor is better.
    """
    made = {rival: one for rival, one in comparisons.items() if one is not None}
    if not made or len(made) < len(comparisons):
        return None
    hardest = max(made, key=lambda rival: (made[rival].p, -made[rival].mean))
    return Claim(made[hardest], hardest, all(one.agree for one in made.values()))


def share_below(
    excess: Sequence[NDArray[np.float32]], seed: int, draws: int = 1000
) -> list[float] | None:
    """Return [share, low, high]: of losses that are on average above an opponent's.

    The interval is the bootstrap over images, which all share.

    Args:
        excess: of each competitor, its losses minus the opponent's [S, N]; NaN without a label.
    """
    means = [np.asarray(found, dtype=np.float64).mean(axis=0) for found in excess]
    table = np.stack([found for found in means if not np.isnan(found).all()] or [np.empty(0)])
    if not table.size:
        return None
    present = ~np.isnan(table)
    values = np.where(present, table, 0.0)
    random, images = np.random.default_rng(seed), table.shape[1]
    shares = [
        np.mean(values @ np.bincount(random.integers(images, size=images), minlength=images) > 0)
        for _ in range(draws)
    ]
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [float(np.mean(values.sum(axis=1) > 0)), float(low), float(high)]
