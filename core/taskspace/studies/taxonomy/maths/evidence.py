"""Whether differences are there: in loss or in metric, and many of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import LEVEL, Comparison

SIGNIFICANT = 0.05
"""Below this p, after Holm's correction, a difference counts as shown."""

KeyT = TypeVar("KeyT")


def better_of(loss: Comparison | None, metric: Comparison | None) -> Comparison | None:
    """Return the clearer of two comparisons, its p doubled for the choice.

    A network that is right more often may have the higher loss, because it is too sure of itself:
    few images decide a mean loss. So either difference counts.
    """
    if loss is None or metric is None:
        return loss
    clearer = loss if loss.p <= metric.p else metric._replace(of="metric")
    return clearer._replace(p=min(1.0, 2 * clearer.p))


def corrected(p_values: Mapping[KeyT, Sequence[float]]) -> dict[KeyT, list[float]]:
    """Return p-values corrected so that any false claim at all has the chance that they say.

    Within a target in a fixed sequence, the most promising first: a claim needs those before it, so
    later ones cost nothing. Between targets by Bonferroni.

    Args:
        p_values: by target, in an order that other images have decided.
    """
    targets = len(p_values)
    return {
        target: [min(1.0, targets * max(found[: place + 1])) for place in range(len(found))]
        for target, found in p_values.items()
    }


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
