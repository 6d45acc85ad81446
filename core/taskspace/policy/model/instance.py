"""A problem prepared for exact arithmetic: sets as bits, values and costs as integers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from taskspace.policy.model.problem import UncheckedProblem
from taskspace.policy.model.serving import Option, cheapest_cost, serve

SUBSETS_UP_TO = 6
"""Up to this order, looking up all subsets is cheaper than comparing with all transfers."""


def exact(value: float) -> Fraction:
    """Return the number that a person reads: 0.1 is one tenth, not its nearest double."""
    return Fraction(Decimal(repr(float(value))))


def integers(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """Return the values multiplied by their least common denominator, and that denominator."""
    scale = math.lcm(*(value.denominator for value in values))
    return [value.numerator * (scale // value.denominator) for value in values], scale


class Instance:
    """What model, decoder, tie search and null share.

    A set of supervised tasks is an int whose bit k stands for `sources[k]`.

    Attributes:
        own: target to its supervised network; absent for target-only tasks.
        every: target to the transfers that may serve it, best first: by weight, then fewer
            sources, then names. Under rule `own` they exclude the supervised network and
            everything that reads the target's own encoder; under `best` they include both.
        options: `every` without the transfers that another one always replaces at no loss.
        rows: target and option for all `options`, in the order of the model's variables x.
        scale: what weights are divided by to be values.
        costs: of each task's labels, in units of 1 / `cost_scale`, as the costs of options. Under
            rule `own` a supervised network is had with its task's labels, and its cost is here.
        coupled: whether some option has a cost. Then targets compete for the budget, and which
            transfer serves one does not follow from the supervised tasks alone.
        required, forbidden: the tasks that are, and that are not, in any set, as bits.
    """

    def __init__(self, problem: UncheckedProblem) -> None:
        self.problem = problem
        self.sources = problem.sources
        self.targets = problem.targets
        self.position = {name: k for k, name in enumerate(self.sources)}
        self.bit = {name: 1 << k for name, k in self.position.items()}
        self.required = self.mask(problem.required)
        self.forbidden = self.mask(problem.forbidden)
        label_costs = [exact(problem.label_cost.get(name, 1.0)) for name in self.sources]
        transfer_costs = [exact(t.cost) if t.cost else Fraction(0) for t in problem.transfers]
        costs, self.cost_scale = integers([*label_costs, *transfer_costs])
        self.costs = costs[: len(label_costs)]
        importance = {name: exact(problem.importance.get(name, 1.0)) for name in self.targets}
        values = (exact(t.value) for t in problem.transfers)
        weights, self.scale = integers(
            [
                value if importance[t.target] == 1 else importance[t.target] * value
                for t, value in zip(problem.transfers, values, strict=True)
            ]
        )
        self.own: dict[str, Option] = {}
        listed: dict[str, list[Option]] = {name: [] for name in self.targets}
        for weight, cost, transfer in zip(
            weights, costs[len(label_costs) :], problem.transfers, strict=True
        ):
            option = Option(weight, self.mask(transfer.sources), transfer, cost)
            if transfer.is_supervised:
                if problem.rule == "own":
                    self.costs[self.position[transfer.target]] += cost
                    option = replace(option, cost=0)
                self.own[transfer.target] = option
            if option.mask & self.forbidden:
                continue
            if problem.rule == "best" or not option.mask & self.bit.get(transfer.target, 0):
                listed[transfer.target].append(option)
        self.every = {target: sorted(found, key=_rank) for target, found in listed.items()}
        self.options = {target: list(undominated(found)) for target, found in self.every.items()}
        self.rows = [(target, o) for target, found in self.options.items() for o in found]
        self.coupled = any(option.cost for _, option in self.rows)

    def mask(self, names: Iterable[str]) -> int:
        """Return the bits of tasks."""
        found = 0
        for name in names:
            found |= self.bit[name]
        return found

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
        """Return what it costs at least to serve a target alone, with what is required."""
        own = [self.own[target]] if target in self.own else []
        if own and self.uses_own(target, self.required):
            return self.cost(self.required)
        return min(
            self.cost(option.mask | self.required) + option.cost
            for option in (*own, *self.options[target])
            if not option.mask & self.forbidden
        )

    def most_cost(self) -> int:
        """Return what no policy that is worth anything costs more than: all of everything."""
        dearest = [max((o.cost for o in found), default=0) for found in self.options.values()]
        return sum(self.costs) + sum(dearest)

    def largest_cost(self) -> int:
        """Return the largest single cost."""
        return max(0, *self.costs, *(option.cost for _, option in self.rows))

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

    def served(self, mask: int, capacity: int | None = None) -> dict[str, Option] | None:
        """Return the option of every target in the best policy of a set, or None without one.

        Args:
            capacity: what labels and transfers may cost together. It decides only where
                transfers cost something; that the labels alone fit is for the caller to know.
        """
        if not self.allows(mask):
            return None
        if self.coupled and capacity is not None:
            admissible = [self._candidates(target, mask) for target in self.targets]
            found = serve(admissible, capacity - self.cost(mask))
            return None if found is None else dict(zip(self.targets, found, strict=True))
        chosen: dict[str, Option] = {}
        for target in self.targets:
            option = self.best(target, mask)
            if option is None:
                return None
            chosen[target] = option
        return chosen

    def weight(self, mask: int, capacity: int | None = None) -> int | None:
        """Return the exact objective of a set, times `scale`; None where a target is unserved."""
        chosen = self.served(mask, capacity)
        return None if chosen is None else sum(option.weight for option in chosen.values())

    def allows(self, mask: int) -> bool:
        """Return whether a set has every required task and no forbidden one."""
        return not (self.required & ~mask or self.forbidden & mask)

    def least_cost_of(self, mask: int) -> int | None:
        """Return the least cost of a policy that supervises a set, or None where it has none."""
        if not self.allows(mask):
            return None
        admissible = [self._candidates(target, mask) for target in self.targets]
        served = cheapest_cost(admissible)
        return None if served is None else self.cost(mask) + served

    def _candidates(self, target: str, mask: int) -> list[Option]:
        if self.uses_own(target, mask):
            return [self.own[target]]
        return [option for option in self.options[target] if not option.mask & ~mask]

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
    return -option.weight, *option.transfer.name_rank


def undominated(best_first: Sequence[Option]) -> Iterator[Option]:
    """Yield the options of one target whose sources contain no better or equal option's sources.

    Exact: whenever such an option is admissible, so is the one inside it, which is worth no less
    and costs no more. `best_first` is sorted by weight and then by number of sources, so what
    could dominate an option stands before it.
    """
    kept: dict[int, int] = {}
    for option in best_first:
        if option.mask.bit_count() <= SUBSETS_UP_TO:
            inside = (kept[subset] for subset in _subsets(option.mask) if subset in kept)
        else:
            inside = (cost for mask, cost in kept.items() if not mask & ~option.mask)
        if not any(cost <= option.cost for cost in inside):
            kept[option.mask] = option.cost
            yield option


def _subsets(mask: int) -> Iterator[int]:
    subset = mask
    while subset:
        yield subset
        subset = (subset - 1) & mask
