"""Whether a difference is there: paired comparisons over images, and many of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from taskspace.studies.taxonomy.maths.intervals import LEVEL, t_quantile

SIGNIFICANT = 0.05
"""Below this p, after Holm's correction, a difference counts as shown."""

MOST_IMAGES = 1_000_000
"""Where more would be needed to decide, the difference is nothing."""

KeyT = TypeVar("KeyT")


class Comparison(NamedTuple):
    """The mean of paired differences, positive where the first of the two is better.

    Attributes:
        low, high: its 95 % interval over images.
        p: one-sided: how likely such a mean is where there is no difference.
        agree: whether the mean is positive with every seed.
        of: what differs: `loss` or `metric`.
        images: how many were compared.
        needed: images from which on the interval leaves out 0 if the mean stays what it is; None
            where that is more than anybody has.
    """

    mean: float
    low: float
    high: float
    p: float
    agree: bool
    images: int
    needed: int | None
    of: str = "loss"


def better_of(loss: Comparison | None, metric: Comparison | None) -> Comparison | None:
    """Return the clearer of two comparisons, its p doubled for the choice.

    A network that is right more often may have the higher loss, because it is too sure of itself:
    few images decide a mean loss. So either difference counts.
    """
    if loss is None or metric is None:
        return loss
    clearer = loss if loss.p <= metric.p else metric._replace(of="metric")
    return clearer._replace(p=min(1.0, 2 * clearer.p))


def compare(differences: NDArray[np.float32]) -> Comparison | None:
    """Return what paired differences [S, N] over S seeds and N images show.

    The paired t-test over images of the mean over seeds: a statement about these networks on new
    images. Whether other seeds would do as well is what `agree` and the stability of a policy are
    for; three seeds are too few to test it.

    Args:
        differences: NaN where a label is missing.

    Returns:
        None where fewer than two images have a difference.
    """
    found = np.asarray(differences, dtype=np.float64)
    found = found[:, ~np.isnan(found).any(axis=0)]
    images = found.shape[1]
    if images < 2:
        return None
    mean, agree = float(found.mean()), bool((found.mean(axis=1) > 0).all())
    variance = float(found.mean(axis=0).var(ddof=1))
    if not variance:
        return Comparison(mean, mean, mean, 0.0 if mean > 0 else 1.0, agree, images, images)
    error = sqrt(variance / images)
    reach = t_quantile((1 + LEVEL) / 2, images - 1) * error
    p = _upper_tail(mean / error, images - 1)
    needed = ceil(4 * variance / mean**2) if mean**2 * MOST_IMAGES > 4 * variance else None
    return Comparison(mean, mean - reach, mean + reach, p, agree, images, needed)


def _upper_tail(t: float, degrees: float) -> float:
    from scipy.special import stdtr  # noqa: PLC0415  only where something is judged

    return float(stdtr(degrees, -t))


def holm(p_values: Mapping[KeyT, float]) -> dict[KeyT, float]:
    """Return p-values corrected for their number (Holm 1979): the chance of any false claim.

    The i-th smallest of k is multiplied by k - i + 1, and none is below one that is smaller.
    """
    corrected: dict[KeyT, float] = {}
    least = 0.0
    for position, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        least = max(least, min(1.0, (len(p_values) - position) * p_values[key]))
        corrected[key] = least
    return {key: corrected[key] for key in p_values}


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
    means = [_seed_mean(found) for found in excess]
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


def _seed_mean(found: NDArray[np.float32]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.asarray(found, dtype=np.float64).mean(axis=0)
    return mean
