"""How well two sets of affinities agree in rank: by target, overall, and against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError
from taskspace.learning.statistics import LEVEL
from taskspace.studies.taxonomy.agreement.affinities import Affinities

DRAWS = 999
"""Relabellings behind a p-value, and resamplings behind an interval."""

FEWEST = 3
"""Two sources have two orders, so their correlation is always 1 or -1 and says nothing."""


@dataclass(frozen=True)
class TargetAgreement:
    """Spearman's correlation of one target's sources, and how many sources both have."""

    target: str
    sources: int
    spearman: float


@dataclass(frozen=True)
class Agreement:
    """How well two sets of affinities agree.

    Attributes:
        targets: each target with at least three common sources that are not all tied, by name.
        mean: of Spearman's correlation over the targets; `median` likewise.
        interval: where 95 % of the means lie when targets are drawn anew with replacement. Targets
            share sources, so it is somewhat too narrow.
        pooled: the correlation of all pairs at once: of the ranks within each target, centred and
            divided by the number of its sources. Targets with more sources count more in it.
        p: how often the mean is as high when one side's sources are relabelled at random, alike for
            all targets (the test of Mantel 1967, by rows): (1 + k) / (1 + draws), one-sided. A
            relabelling is drawn as a whole, so that a source that serves every target counts once.
    """

    targets: tuple[TargetAgreement, ...]
    mean: float
    median: float
    interval: tuple[float, float]
    pooled: float
    p: float

    @property
    def pairs(self) -> int:
        """Return how many transfers both have."""
        return sum(target.sources for target in self.targets)

    def as_json(self) -> dict[str, Any]:
        """Return the agreement as plain values."""
        return asdict(self) | {"pairs": self.pairs}


def compare(
    first: Affinities, second: Affinities, *, seed: int = 0, draws: int = DRAWS
) -> Agreement:
    """Return how well two sets of affinities agree; readouts on the own encoder do not count.

    Only the order of a target's sources is compared: affinities are on a scale of their own for
    each target, and in each tournament.

    Raises:
        InputError: if the two have fewer than two tasks in common, or no target with three common
            sources to order.
    """
    mine, theirs, targets = _matrices(first, second)
    correlations = spearman_by_column(mine, theirs)
    told = ~np.isnan(correlations)
    if not told.any():
        raise InputError(
            f"No target has {FEWEST} sources in common that are not all tied; the common targets "
            f"are {', '.join(targets)}.",
            advice="Compare runs of more tasks.",
        )
    mine, theirs, correlations = mine[:, told], theirs[:, told], correlations[told]
    counts = (~np.isnan(mine + theirs)).sum(axis=0)
    names = [target for target, is_told in zip(targets, told, strict=True) if is_told]
    mean = float(correlations.mean())
    random = np.random.default_rng(seed)
    drawn = random.integers(len(names), size=(draws, len(names)))
    low, high = np.quantile(correlations[drawn].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Agreement(
        tuple(
            TargetAgreement(name, int(count), float(value))
            for name, count, value in zip(names, counts, correlations, strict=True)
        ),
        mean,
        float(np.median(correlations)),
        (float(low), float(high)),
        _pooled(mine, theirs),
        _p_value(mine, theirs, mean, random, draws),
    )


def _matrices(
    first: Affinities, second: Affinities
) -> tuple[NDArray[np.float64], NDArray[np.float64], Sequence[str]]:
    """Return both as [sources, targets] over the common tasks, NaN where missing; and the targets.

    Names are sorted, so that the order of a file changes nothing.
    """
    common = sorted(_tasks(first) & _tasks(second))
    targets = sorted(set(first) & set(second))
    if len(common) <= 1 or not targets:
        raise InputError(
            f"They have {len(common)} tasks in common ({', '.join(common) or 'none'}), of which "
            f"{len(targets)} are targets of both: {', '.join(sorted(_tasks(first))[:6])}, ... here "
            f"and {', '.join(sorted(_tasks(second))[:6])}, ... there.",
            advice="Tasks are matched by name; a published table may use its official names.",
        )
    mine, theirs = (
        np.array(
            [[side[t].get(s, np.nan) if s != t else np.nan for t in targets] for s in common],
            dtype=np.float64,
        )
        for side in (first, second)
    )
    return mine, theirs, targets


def _tasks(affinities: Affinities) -> set[str]:
    return set(affinities).union(*affinities.values())


def _pooled(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    counts = (~np.isnan(mine + theirs)).sum(axis=0)
    left, right = (ranks / counts for ranks in common_ranks(mine, theirs))
    return float((left * right).sum() / np.sqrt((left**2).sum() * (right**2).sum()))


def _p_value(
    mine: NDArray[np.float64],
    theirs: NDArray[np.float64],
    mean: float,
    random: np.random.Generator,
    draws: int,
) -> float:
    present = ~np.isnan(mine + theirs).all(axis=1)
    mine, theirs = mine[present], theirs[present]
    reached = 0
    for _ in range(draws):
        found = spearman_by_column(mine, theirs[random.permutation(len(theirs))])
        told = ~np.isnan(found)
        # A relabelling that leaves nothing to compare is no evidence against chance.
        reached += not told.any() or float(found[told].mean()) >= mean - 1e-12
    return (1 + reached) / (1 + draws)


def centred_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value's rank within its column minus the column's mean rank; ties share theirs.

    It is half of how many values of the column are below minus how many are above; 0 where a value
    is missing. Work and memory are O(S^2 T).

    Args:
        values: [S, T], NaN where missing.
    """
    ahead = np.sign(values[:, None, :] - values[None, :, :])
    ranks: NDArray[np.float64] = 0.5 * np.nan_to_num(ahead).sum(axis=1)
    return ranks


def spearman_by_column(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Spearman's rank correlation of each pair of columns [T], over what both have.

    NaN for columns with fewer than three common values, or whose values are all the same in one.

    Args:
        first: [S, T], NaN where missing; `second` likewise.
    """
    mine, theirs = common_ranks(first, second)
    scale = np.sqrt((mine**2).sum(axis=0) * (theirs**2).sum(axis=0))
    counted = (~np.isnan(first + second)).sum(axis=0) >= FEWEST
    told = counted & (scale > 0)
    agreement: NDArray[np.float64] = np.divide(
        (mine * theirs).sum(axis=0), scale, out=np.full(scale.shape, np.nan), where=told
    )
    return agreement


def common_ranks(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centred ranks [S, T] of both, among the values that both have."""
    missing = np.isnan(first + second)
    return (
        centred_ranks(np.where(missing, np.nan, first)),
        centred_ranks(np.where(missing, np.nan, second)),
    )
