"""The null: how a policy compares with random ones of the same cost (Zamir et al., Fig. 13)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taskspace.components import stable_seed
from taskspace.errors import InputError
from taskspace.policy.analysis.random_sets import RandomSets
from taskspace.policy.model.instance import Instance
from taskspace.policy.model.problem import UncheckedProblem
from taskspace.policy.model.transfers import Transfer
from taskspace.policy.result import mean

Serving = Literal["random", "best"]
"""random: by a uniformly drawn admissible transfer; best: by the one with the largest value."""

Statistic = Literal["gain", "quality"]


@dataclass(frozen=True)
class NullComparison:
    """One statistic of a policy against its distribution over random policies.

    Attributes:
        observed: of the policy; None where a transfer of it was not measured.
        mean, low, high: of the random policies; the mean and the 2.5 and 97.5 percentiles.
        wins: the share of random policies that are worse.
        p: (1 + k) / (1 + n), where k of the n random policies are at least as good; k / n where
            these are all that there are, the policy among them.
    """

    serving: Serving
    statistic: Statistic
    observed: float | None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    wins: float | None = None
    p: float | None = None


@dataclass(frozen=True)
class Null:
    """A policy against `count` random ones.

    Attributes:
        cost: what the policy costs, and the random ones at most.
        source_sets: how many maximal sets there are within that cost; the draws are with
            replacement.
        exact: whether the sets are so few that `best` is the policy's rank among all of them.
        refused: draws that left a target unserved and were repeated.
    """

    budget: float
    count: int
    source_sets: int
    refused: int
    cost: float
    exact: bool
    comparisons: tuple[NullComparison, ...]


def compare_with_random(
    problem: UncheckedProblem,
    budget: float,
    policy: Mapping[str, Sequence[str]],
    *,
    count: int,
    seed: int,
) -> Null:
    """Return how a policy's mean gain and quality compare with those of random policies.

    A random policy supervises what is required, nothing that is forbidden, and for the rest a set
    drawn uniformly, and exactly so, among the maximal sets within the policy's own cost that serve
    every target (see `RandomSets`; a set that does not is drawn again). It serves each target by a
    uniformly drawn admissible transfer, or by its best one. Where there are no more than `count`
    sets, those with their best transfers are not drawn but taken all: p is then the policy's rank,
    and never below one in the number of sets.

    Where transfers cost something, labels may cost what the policy's labels do: sets that spend
    everything on labels would have nothing left for transfers. A set without transfers within the
    rest is drawn again; random transfers are drawn uniformly among all assignments within it.

    Args:
        problem: its gains and qualities are those that are compared; take them from images that
            chose nothing.
        policy: target to sources, as in `Policy.transfers`.
        count: n, the number of random policies.
        seed: equal seeds give equal draws, whatever other budgets are asked for.

    Raises:
        InputError: if the policy has a transfer that the problem lacks, if nothing can be drawn,
            or if the costs have too many different sums.
    """
    if count < 1:
        raise InputError(f"The number of random policies is {count}; it is at least 1.")
    instance = Instance(problem)
    chosen = _transfers_of(problem, policy)
    sets = RandomSets(instance, budget, chosen)
    rng = random.Random(stable_seed(seed, "random policies", sets.cost))
    drawn: dict[Serving, list[list[Transfer]]] = {"random": [], "best": []}
    refused = 0
    for _ in range(count):
        served, again = sets.draw(rng)
        refused += again
        drawn["random"].append([option.transfer for option in served.random(rng)])
        drawn["best"].append([option.transfer for option in served.best])
    exact = sets.count <= count
    if exact:
        drawn["best"] = [
            chosen if sets.is_policy(served) else [option.transfer for option in served.best]
            for served in sets.all()
        ]
    comparisons = tuple(
        _compare(serving, statistic, chosen, policies, ranked=exact and serving == "best")
        for serving, policies in drawn.items()
        for statistic in ("gain", "quality")
    )
    return Null(float(budget), count, sets.count, refused, sets.cost, exact, comparisons)


def _transfers_of(problem: UncheckedProblem, policy: Mapping[str, Sequence[str]]) -> list[Transfer]:
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
    *,
    ranked: bool,
) -> NullComparison:
    """Return one statistic; `ranked` where the policies are all that there are, `chosen` too."""
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
        p=as_good / len(values) if ranked else (1 + as_good) / (1 + len(values)),
    )
