"""A problem prepared for exact arithmetic: sets as bits, values and costs as integers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from taskspace.studies.taxonomy.policy.dominance import undominated
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Transfer


def exact(value: float) -> Fraction:
    """Return the number that a person reads: 0.1 is one tenth, not its nearest double."""
    return Fraction(repr(float(value)))


def integers(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return the values multiplied by their least common denominator, and that denominator."""
    scale = math.lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values], scale


@dataclass(frozen=True, slots=True)
class Option:
    """A transfer with its exact weight r_t p_i and the bits of its sources."""

    weight: int
    mask: int
    transfer: Transfer


class Instance:
    """What model, decoder, tie search and null share.

    A set of supervised tasks is an int whose bit k stands for `sources[k]`.

    Attributes:
        own: target to its supervised network; absent for target-only tasks.
        every: target to the transfers that may serve it, best first: by weight, then fewer
            sources, then names. Under rule `own` they exclude the supervised network and
            everything that reads the target's own encoder; under `best` they include both.
        options: `every` without the transfers that another one always replaces at no loss.
        scale: what weights are divided by to be values.
    """

    def __init__(self, problem: PolicyProblem) -> None:
        self.problem = problem
        self.sources = problem.sources
        self.targets = problem.targets
        self.bit = {name: 1 << k for k, name in enumerate(self.sources)}
        costs = [exact(problem.label_cost.get(name, 1.0)) for name in self.sources]
        self.costs, self.cost_scale = integers(costs)
        importance = {name: exact(problem.importance.get(name, 1.0)) for name in self.targets}
        weights, self.scale = integers(
            [importance[t.target] * exact(t.value) for t in problem.transfers]
        )
        self.own: dict[str, Option] = {}
        listed: dict[str, list[Option]] = {name: [] for name in self.targets}
        for weight, transfer in zip(weights, problem.transfers, strict=True):
            option = Option(weight, self.mask(transfer.sources), transfer)
            if transfer.is_supervised:
                self.own[transfer.target] = option
            if problem.rule == "best" or not option.mask & self.bit.get(transfer.target, 0):
                listed[transfer.target].append(option)
        self.every = {target: sorted(found, key=_rank) for target, found in listed.items()}
        self.options = {target: list(undominated(found)) for target, found in self.every.items()}

    def mask(self, names: Iterable[str]) -> int:
        """Return the bits of tasks."""
        return sum(self.bit[name] for name in set(names))

    def names(self, mask: int) -> tuple[str, ...]:
        """Return the tasks of bits, sorted."""
        return tuple(self.sources[k] for k in bits(mask))

    def cost(self, mask: int) -> int:
        """Return what the labels of a set cost, in units of 1 / `cost_scale`."""
        return sum(self.costs[k] for k in bits(mask))

    def capacity(self, budget: float) -> int:
        """Return the largest cost within a budget, in units of 1 / `cost_scale`."""
        return math.floor(exact(budget) * self.cost_scale)

    def least_cost(self, target: str) -> int:
        """Return what it costs at least to serve a target alone."""
        own = [self.own[target]] if target in self.own else []
        return min(self.cost(option.mask) for option in (*own, *self.options[target]))

    def best(self, target: str, mask: int) -> Option | None:
        """Return the best option of a target under a set of supervised tasks, ties by name."""
        if self.uses_own(target, mask):
            return self.own[target]
        return next((o for o in self.options[target] if not o.mask & ~mask), None)

    def admissible(self, target: str, mask: int) -> list[Option]:
        """Return everything that may serve a target under a set of supervised tasks."""
        if self.uses_own(target, mask):
            return [self.own[target]]
        return [option for option in self.every[target] if not option.mask & ~mask]

    def uses_own(self, target: str, mask: int) -> bool:
        """Return whether the rule obliges a target to use its supervised network."""
        return self.problem.rule == "own" and bool(self.bit.get(target, 0) & mask)

    def served(self, mask: int) -> dict[str, Option] | None:
        """Return the best option of every target, or None where one has none."""
        chosen: dict[str, Option] = {}
        for target in self.targets:
            option = self.best(target, mask)
            if option is None:
                return None
            chosen[target] = option
        return chosen

    def weight(self, mask: int) -> int | None:
        """Return the exact objective of a set, times `scale`; None where a target is unserved."""
        chosen = self.served(mask)
        return None if chosen is None else sum(option.weight for option in chosen.values())

    def value(self, weight: int) -> float:
        """Return a weight in the units of the problem, rounded once."""
        return float(Fraction(weight, self.scale))


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _rank(option: Option) -> tuple[int, int, tuple[str, ...]]:
    return -option.weight, len(option.transfer.sources), tuple(sorted(option.transfer.sources))
