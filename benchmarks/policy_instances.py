"""Generated tables of transfers, structured as the published affinities of Taskonomy are.

What is copied from the published table (coefficient sqrt_affinity; values as shares of the
target's supervised network, in logarithms) is what its statistics say:

- a target's mean over its sources lies below 0 by an exponential of mean 1.44, after 0.17;
- what is left of a target's column after its mean is of rank 3: that explains 88 % of the variance
  of entries that the fit has not seen, more or fewer dimensions explain less;
- its standard deviation is 0.42: 0.39 of the three dimensions, 0.14 of noise;
- a second source adds a tenth to the better one (median), the third some 4 %.

So a task has three coordinates as a source and three as a target, all normal; the logarithm of a
source's worth is their product, the target's mean and noise. Worth is capped softly at 1.2 (the
largest published share is 1.28). A set of sources is worth its best member and shares of the
others that fall with their rank, times noise of a tenth. The supervised network is worth 1.
`statistics` computes the same figures from any table, the generated ones included.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

RANK, SPREAD, NOISE, JOINT_NOISE = 3, 0.39, 0.14, 0.1
MOST = 1.2


@dataclass(frozen=True)
class Case:
    """What is generated, and under which budgets it is solved.

    Attributes:
        best: sources of a target that transfers of higher order are made of.
        first: first-order transfers into a target; all where None.
        transfers: in all, without the supervised networks.
        frontier: the budgets of the sweep.
    """

    title: str
    sources: int
    targets: int
    transfers: int
    budget: int
    frontier: range
    max_order: int = 1
    best: int = 0
    first: int | None = None


CASES = {
    "a": Case(
        "26 sources, 22 targets, orders to 5, 6,300 transfers",
        sources=26, targets=22, transfers=6_300, budget=6, frontier=range(2, 22),
        max_order=5, best=9,
    ),
    "b": Case(
        "100 tasks, orders to 3, 9,900 transfers",
        sources=100, targets=100, transfers=9_900, budget=10, frontier=range(6, 26),
        max_order=3, best=8, first=15,
    ),
    "c": Case(
        "500 tasks, all 249,500 pairs",
        sources=500, targets=500, transfers=249_500, budget=50, frontier=range(5, 105, 5),
    ),
    "d": Case(
        "5,000 tasks, the best 50 sources of each",
        sources=5_000, targets=5_000, transfers=250_000, budget=500, frontier=range(50, 1050, 50),
        first=50,
    ),
    "e": Case(
        "3,200 tasks, all 10,236,800 pairs",
        sources=3_200, targets=3_200, transfers=10_236_800, budget=320, frontier=range(0),
    ),
}  # fmt: skip


def columns(case: Case, seed: int, noise: float = NOISE) -> Mapping[str, Any]:
    """Return target, sources and value of every transfer; equal seeds give equal tables."""
    rng = np.random.default_rng(seed)
    names = np.array([f"task{k:05}" for k in range(case.sources)])
    log_worth = _log_worth(rng, case, noise)
    worth = np.exp(log_worth)
    worth[np.arange(case.targets), np.arange(case.targets)] = -1.0  # not from its own encoder
    if case.max_order == 1:
        count = case.first or case.sources - 1
        best = np.sort(np.argpartition(-worth, count - 1, axis=0)[:count], axis=0)
        target = np.repeat(np.arange(case.targets), count)
        source = best.T.ravel()
        sources: Any = np.concatenate([names[source], names[: case.targets]])
        value = _capped(worth[source, target])
        targets = names[target]
    else:
        listed = [*_sets(rng, case, worth)]
        targets = names[[t for t, _ in listed]]
        sources = [tuple(names[list(s)]) for _, s in listed]
        sources += [(name,) for name in names[: case.targets]]
        value = _capped(np.array([_together(rng, worth[list(s), t]) for t, s in listed]))
    return {
        "target": np.concatenate([targets, names[: case.targets]]),
        "sources": sources,
        "value": np.concatenate([value, np.ones(case.targets)]),
    }


def _log_worth(rng: np.random.Generator, case: Case, noise: float) -> np.ndarray:
    gives = rng.normal(size=(case.sources, RANK))
    takes = rng.normal(size=(case.targets, RANK))
    level = -0.17 - rng.exponential(1.44, size=case.targets)
    similar = SPREAD / np.sqrt(RANK) * gives @ takes.T
    found: np.ndarray = similar + noise * rng.normal(size=similar.shape) + level
    return found


def _sets(
    rng: np.random.Generator, case: Case, worth: np.ndarray
) -> Iterator[tuple[int, tuple[int, ...]]]:
    for t in range(case.targets):
        order = [int(s) for s in np.argsort(-worth[:, t]) if s != t]
        alone = order if case.first is None else order[: case.first]
        subsets = [
            subset
            for size in range(2, case.max_order + 1)
            for subset in itertools.combinations(sorted(order[: case.best]), size)
        ]
        wanted = case.transfers // case.targets + (t < case.transfers % case.targets) - len(alone)
        drawn = rng.permutation(len(subsets))[: max(wanted, 0)]
        yield from ((t, (s,)) for s in alone)
        yield from ((t, subsets[k]) for k in sorted(drawn))


def _together(rng: np.random.Generator, worth: np.ndarray) -> float:
    ranked = np.sort(worth)[::-1]
    shares = 0.12 ** (np.arange(len(ranked)) ** 0.7)
    total = float(ranked @ shares)
    return total * float(np.exp(JOINT_NOISE * rng.normal())) if len(ranked) > 1 else total


def _capped(worth: np.ndarray) -> np.ndarray:
    return MOST * np.tanh(worth / MOST)


def statistics(table: Mapping[str, Any]) -> str:
    """Return the figures that the docstring of this module speaks of, for any table."""
    value = {
        (target, (sources,) if isinstance(sources, str) else tuple(sources)): float(number)
        for target, sources, number in zip(
            *(table[name] for name in ("target", "sources", "value")), strict=True
        )
    }
    share = {
        (target, sources): number / value[target, (target,)]
        for (target, sources), number in value.items()
        if target not in sources and number > 0
    }
    targets = sorted({target for target, _ in share})
    sources = sorted({name for _, names in share for name in names})
    alone = np.full((len(sources), len(targets)), np.nan)
    for (target, names), number in share.items():
        if len(names) == 1:
            alone[sources.index(names[0]), targets.index(target)] = np.log(number)
    level = np.nanmean(alone, axis=0)
    rest = alone - level
    lines = [
        f"means of targets: {level.mean():.2f}, standard deviation {level.std():.2f}",
        f"standard deviation of the rest: {np.nanstd(rest):.2f}; unseen variance explained: "
        + ", ".join(f"rank {k} {_explained(rest, k):.0%}" for k in range(1, 6)),
    ]
    for order in range(2, 6):
        growth = [
            number / max(share[target, (s,)] for s in names)
            for (target, names), number in share.items()
            if len(names) == order and all((target, (s,)) in share for s in names)
        ]
        if growth:
            quarters = np.percentile(growth, [25, 50, 75])
            lines.append(
                f"order {order} over its best member: {quarters[1]:.2f} (median; quartiles "
                f"{quarters[0]:.2f} and {quarters[2]:.2f}; {len(growth)} transfers)"
            )
    return "\n".join(lines)


def _explained(rest: np.ndarray, rank: int) -> float:
    """Return the share of the variance of held-out entries that a fit of a rank explains."""
    known = ~np.isnan(rest)
    held = (np.random.default_rng(0).random(rest.shape) < 0.1) & known
    seen = known & ~held
    filled = np.where(seen, rest, 0.0)
    fit = filled
    for _ in range(300):
        left, size, right = np.linalg.svd(filled, full_matrices=False)
        fit = (left[:, :rank] * size[:rank]) @ right[:rank]
        filled = np.where(seen, rest, fit)
    return float(1 - np.mean((rest - fit)[held] ** 2) / np.mean(rest[held] ** 2))
