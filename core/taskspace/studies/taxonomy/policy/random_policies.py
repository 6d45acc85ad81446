"""The null: how a policy compares with random ones of the same budget (Zamir et al., Fig. 13)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taskspace.components import JSON, stable_seed
from taskspace.errors import InputError
from taskspace.studies.taxonomy.policy.instance import Instance, Option
from taskspace.studies.taxonomy.policy.maximal import MaximalSets
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Transfer
from taskspace.studies.taxonomy.policy.result import mean

Serving = Literal["random", "best"]
"""random: by a uniformly drawn admissible transfer; best: by the one with the largest value."""

Statistic = Literal["gain", "quality"]

MOST_REFUSED = 10_000
"""Draws in a row that may leave a target unserved before the null is given up."""


@dataclass(frozen=True)
class NullComparison:
    """One statistic of a policy against its distribution over random policies.

    Attributes:
        observed: of the policy; None where a transfer of it was not measured.
        mean, low, high: of the random policies; the mean and the 2.5 and 97.5 percentiles.
        wins: the share of random policies that are worse.
        p: (1 + k) / (1 + n), where k of the n random policies are at least as good.
    """

    serving: Serving
    statistic: Statistic
    observed: float | None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    wins: float | None = None
    p: float | None = None

    def as_json(self) -> dict[str, JSON]:
        """Return the comparison as plain JSON."""
        return {
            "serving": self.serving,
            "statistic": self.statistic,
            "observed": self.observed,
            "mean": self.mean,
            "low": self.low,
            "high": self.high,
            "wins": self.wins,
            "p": self.p,
        }


@dataclass(frozen=True)
class Null:
    """A policy against `count` random ones.

    Attributes:
        source_sets: how many maximal affordable sets there are; the draws are with replacement.
        refused: draws that left a target unserved and were repeated.
    """

    budget: float
    count: int
    source_sets: int
    refused: int
    comparisons: tuple[NullComparison, ...]

    def as_json(self) -> dict[str, JSON]:
        """Return the null as plain JSON."""
        return {
            "budget": self.budget,
            "count": self.count,
            "source_sets": self.source_sets,
            "refused": self.refused,
            "comparisons": [comparison.as_json() for comparison in self.comparisons],
        }


def compare_with_random(
    problem: PolicyProblem,
    budget: float,
    policy: Mapping[str, Sequence[str]],
    *,
    count: int,
    seed: int,
) -> Null:
    """Return how a policy's mean gain and quality compare with those of random policies.

    A random policy supervises a set drawn uniformly, and exactly so, among the maximal affordable
    sets that serve every target (see `MaximalSets`; a set that does not is drawn again). It
    serves each target by a uniformly drawn admissible transfer, or by its best one.

    Args:
        problem: its gains and qualities are those that are compared; take them from images that
            chose nothing.
        policy: target to sources, as in `Policy.transfers`.
        count: n, the number of random policies.
        seed: equal seeds give equal draws, whatever other budgets are asked for.

    Raises:
        InputError: if the policy has a transfer that the problem lacks, if nothing can be drawn,
            or if the label costs have too many different sums.
    """
    if count < 1:
        raise InputError(f"The number of random policies is {count}; it is at least 1.")
    instance = Instance(problem)
    sets = MaximalSets(instance.costs, instance.capacity(budget))
    rng = random.Random(stable_seed(seed, "random policies", float(budget)))
    drawn: dict[Serving, list[list[Transfer]]] = {"random": [], "best": []}
    refused = 0
    for _ in range(count):
        options, again = _served_by_random_set(instance, sets, rng, budget)
        refused += again
        drawn["random"].append([_pick(rng, listed).transfer for listed in options])
        drawn["best"].append([listed[0].transfer for listed in options])
    chosen = _transfers_of(problem, policy)
    comparisons = tuple(
        _compare(serving, statistic, chosen, policies)
        for serving, policies in drawn.items()
        for statistic in ("gain", "quality")
    )
    return Null(float(budget), count, sets.count, refused, comparisons)


def _served_by_random_set(
    instance: Instance, sets: MaximalSets, rng: random.Random, budget: float
) -> tuple[list[list[Option]], int]:
    """Return the admissible options of each target, and how many sets served not all of them."""
    for refused in range(MOST_REFUSED):
        mask = sets.draw(rng)
        options = [instance.admissible(target, mask) for target in instance.targets]
        if all(options):
            return options, refused
    raise InputError(
        f"Of {MOST_REFUSED} random sets of tasks with a budget of {budget:g}, none serves every "
        "target.",
        advice="Compare with random policies at larger budgets.",
    )


def _pick(rng: random.Random, options: Sequence[Option]) -> Option:
    return options[rng.randrange(len(options))]


def _transfers_of(problem: PolicyProblem, policy: Mapping[str, Sequence[str]]) -> list[Transfer]:
    known = {(t.target, frozenset(t.sources)): t for t in problem.transfers}
    wanted = {(target, frozenset(sources)) for target, sources in policy.items()}
    if not wanted <= set(known) or {*policy} != {*problem.targets}:
        raise InputError("The policy and the problem are not about the same transfers.")
    return [known[key] for key in sorted(wanted, key=lambda key: key[0])]


def _compare(
    serving: Serving,
    statistic: Statistic,
    chosen: Iterable[Transfer],
    policies: Sequence[Sequence[Transfer]],
) -> NullComparison:
    observed = mean(getattr(transfer, statistic) for transfer in chosen)
    found = [mean(getattr(transfer, statistic) for transfer in policy) for policy in policies]
    values = sorted(value for value in found if value is not None)
    if observed is None or len(values) < len(found):
        return NullComparison(serving, statistic, observed)
    as_good = sum(value >= observed for value in values)
    last = len(values) - 1
    return NullComparison(
        serving,
        statistic,
        observed,
        mean=mean(values),
        low=values[round(0.025 * last)],
        high=values[round(0.975 * last)],
        wins=sum(value < observed for value in values) / len(values),
        p=(1 + as_good) / (1 + len(values)),
    )
