"""Random sets of supervised tasks within a budget, and random transfers that they admit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taskspace.errors import InputError
from taskspace.policy.analysis.maximal import MOST_STATES, MaximalSets
from taskspace.policy.model.instance import Instance, bits
from taskspace.policy.model.serving import Option
from taskspace.policy.model.transfers import Transfer

MOST_REFUSED = 10_000
"""Draws in a row that may leave a target unserved before the null is given up."""


@dataclass(frozen=True)
class ServedSet:
    """What a drawn set offers: each target's admissible options, and the best of them together.

    Attributes:
        left: what the transfers may cost together; None where they cost nothing.
    """

    options: Sequence[Sequence[Option]]
    best: Sequence[Option]
    left: int | None

    def random(self, rng: random.Random) -> list[Option]:
        """Return one option a target, uniformly drawn among the assignments that are affordable."""
        if self.left is None:
            return [listed[rng.randrange(len(listed))] for listed in self.options]
        return _affordable_assignment(self.options, self.left, rng)


class RandomSets:
    """Uniform draws among the maximal affordable sets that serve every target.

    Args:
        transfers: of the policy that is compared; what they cost is kept back from the labels.

    Raises:
        InputError: if the costs have too many different sums, or what is required is above the
            budget.
    """

    def __init__(self, instance: Instance, budget: float, transfers: Iterable[Transfer]) -> None:
        self.instance = instance
        self.budget = budget
        self.capacity = instance.capacity(budget)
        decided = instance.required | instance.forbidden
        self._free = [k for k in range(len(instance.sources)) if not decided >> k & 1]
        labels = self.capacity - _cost(instance, transfers) - instance.cost(instance.required)
        if labels < 0:
            raise self._nothing_to_draw("What is required and the policy's transfers cost more.")
        self._sets = MaximalSets([instance.costs[k] for k in self._free], labels)

    @property
    def count(self) -> int:
        """Return how many maximal affordable sets there are."""
        return self._sets.count

    def draw(self, rng: random.Random) -> tuple[ServedSet, int]:
        """Return a set that serves every target, and how many drawn before it did not.

        Raises:
            InputError: if none does, of very many.
        """
        instance = self.instance
        for refused in range(MOST_REFUSED):
            drawn = self._sets.draw(rng)
            mask = instance.required | sum(1 << self._free[position] for position in bits(drawn))
            options = [instance.admissible(target, mask) for target in instance.targets]
            if not all(options):
                continue
            if not instance.coupled:
                return ServedSet(options, [listed[0] for listed in options], None), refused
            best = instance.served(mask, self.capacity)
            if best is not None:
                left = self.capacity - instance.cost(mask)
                return ServedSet(options, list(best.values()), left), refused
        raise self._nothing_to_draw(f"Of {MOST_REFUSED} random sets, none serves every target.")

    def _nothing_to_draw(self, reason: str) -> InputError:
        return InputError(
            f"There is no random policy with a budget of {self.budget:g}. {reason}",
            advice="Compare with random policies at larger budgets.",
        )


def _cost(instance: Instance, transfers: Iterable[Transfer]) -> int:
    known = {o.transfer: o.cost for found in instance.every.values() for o in found}
    return sum(known.get(transfer, 0) for transfer in transfers)


def _affordable_assignment(
    options: Sequence[Sequence[Option]], left: int, rng: random.Random
) -> list[Option]:
    """Return one option a target, each assignment within the cost with the same probability.

    Method: count, for each suffix of the targets, the assignments by what they cost; then pick
    target after target, in proportion to how many assignments each option leaves.
    """
    counts = [Counter({0: 1})]
    for listed in reversed(options):
        grown: Counter[int] = Counter()
        for option in listed:
            for cost, number in counts[-1].items():
                if cost + option.cost <= left:
                    grown[cost + option.cost] += number
        counts.append(grown)
        if sum(map(len, counts)) > MOST_STATES:
            raise InputError(
                "The transfers' costs have too many different sums to draw random policies.",
                advice="Round them: two or three digits are enough to compare policies.",
            )
    counts.reverse()
    chosen = []
    for position, listed in enumerate(options):
        after = counts[position + 1]
        ways = [
            sum(number for cost, number in after.items() if cost + option.cost <= left)
            for option in listed
        ]
        ticket = rng.randrange(sum(ways))
        for option, number in zip(listed, ways, strict=True):
            if ticket < number:
                chosen.append(option)
                left -= option.cost
                break
            ticket -= number
    return chosen
