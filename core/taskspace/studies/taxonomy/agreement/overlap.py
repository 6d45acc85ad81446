"""Do runs decide alike: the tasks that their policies supervise, budget by budget."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from math import comb

from taskspace.studies.taxonomy.result.model import TaxonomyResult


@dataclass(frozen=True)
class PolicyOverlap:
    """What two runs would label under one budget.

    Attributes:
        jaccard: the share of the tasks that either labels which both label.
        chance: what it would be on average for sets of these sizes drawn at random.
        both: the tasks that both label; `either` those that only one of the two does.
    """

    budget: float
    jaccard: float
    chance: float
    both: tuple[str, ...]
    either: tuple[str, ...]


def policy_overlaps(first: TaxonomyResult, second: TaxonomyResult) -> list[PolicyOverlap]:
    """Return the overlap of two results' policies at each budget that both have a policy for."""
    mine, theirs = (
        {policy.budget: frozenset(policy.supervised) for policy in side.decided}
        for side in (first, second)
    )
    candidates = len({task.name for task in (*first.tasks, *second.tasks) if task.source})
    return [
        PolicyOverlap(
            budget,
            jaccard(mine[budget], theirs[budget]),
            chance_jaccard(len(mine[budget]), len(theirs[budget]), candidates),
            tuple(sorted(mine[budget] & theirs[budget])),
            tuple(sorted(mine[budget] ^ theirs[budget])),
        )
        for budget in sorted(mine.keys() & theirs.keys())
    ]


def jaccard(first: Set[str], second: Set[str]) -> float:
    """Return |A n B| / |A u B|; 1 for two empty sets."""
    union = len(first | second)
    return len(first & second) / union if union else 1.0


def chance_jaccard(first: int, second: int, candidates: int) -> float:
    """Return the mean Jaccard index of two sets of these sizes, drawn uniformly among candidates.

    The size of the intersection is hypergeometric, so the mean is a finite sum.
    """
    if not first and not second:
        return 1.0
    ways = comb(candidates, second)
    return sum(
        comb(first, shared) * comb(candidates - first, second - shared) / ways
        * shared / (first + second - shared)
        for shared in range(max(0, first + second - candidates), min(first, second) + 1)
    )  # fmt: skip
