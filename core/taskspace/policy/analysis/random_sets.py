"""Random sets of supervised tasks within a budget, and random transfers that they admit."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

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
        mask: its tasks, as bits.
        left: what the transfers may cost together; None where they cost nothing.
    """

    mask: int
    options: Sequence[Sequence[Option]]
    best: Sequence[Option]
    left: int | None

    def random(self, rng: random.Random) -> list[Option]:
        """Return one option a target, uniformly drawn among the assignments that are affordable."""
        if self.left is None:
            return [listed[rng.randrange(len(listed))] for listed in self.options]
        return _affordable_assignment(self.options, self.left, rng)


class RandomSets:
    """The rivals of a policy: maximal sets within what it costs that serve every target.

    Not within the budget: a policy may cost less, since further labels are worth nothing to it.
    Sets that spend everything would then be other purchases, and the policy none of them. Within
    its own cost it is one of these sets.

    Args:
        transfers: of the policy that is compared; what they cost is kept back from the labels.

    Raises:
        InputError: if the costs have too many different sums, or the policy costs more than the
            budget.
    """

    def __init__(self, instance: Instance, budget: float, transfers: Iterable[Transfer]) -> None:
        self.instance = instance
        self.budget = budget
        transfers = tuple(transfers)
        self._chosen = instance.required | instance.mask({s for t in transfers for s in t.sources})
        self.capacity = instance.cost(self._chosen) + _cost(instance, transfers)
        if self.capacity > instance.capacity(budget):
            raise self._nothing_to_draw(f"The policy itself costs {self.cost:g}.")
        decided = instance.required | instance.forbidden
        self._free = [k for k in range(len(instance.sources)) if not decided >> k & 1]
        labels = instance.cost(self._chosen & ~instance.required)
        self._sets = MaximalSets([instance.costs[k] for k in self._free], labels)

    @property
    def count(self) -> int:
        """Return how many of these sets there are, those that leave a target unserved included."""
        return self._sets.count

    @property
    def cost(self) -> float:
        """Return what the policy costs, which no set exceeds."""
        return float(Fraction(self.capacity, self.instance.cost_scale))

    def all(self) -> Iterator[ServedSet]:
        """Yield every set that serves every target, once."""
        yield from filter(None, map(self._served, self._sets))

    def is_policy(self, served: ServedSet) -> bool:
        """Return whether a set is the policy's own, with all labels beside it that are free."""
        return not self._chosen & ~served.mask

    def draw(self, rng: random.Random) -> tuple[ServedSet, int]:
        """Return a set that serves every target, and how many drawn before it did not.

        Raises:
            InputError: if none does, of very many.
        """
        for refused in range(MOST_REFUSED):
            served = self._served(self._sets.draw(rng))
            if served is not None:
                return served, refused
        raise self._nothing_to_draw(f"Of {MOST_REFUSED} random sets, none serves every target.")

    def _served(self, drawn: int) -> ServedSet | None:
        """Return what a set offers, or None where it leaves a target unserved."""
        instance = self.instance
        mask = instance.required | sum(1 << self._free[position] for position in bits(drawn))
        options = [instance.admissible(target, mask) for target in instance.targets]
        if not all(options):
            return None
        if not instance.coupled:
            return ServedSet(mask, options, [listed[0] for listed in options], None)
        best = instance.served(mask, self.capacity)
        if best is None:
            return None
        left = self.capacity - instance.cost(mask)
        return ServedSet(mask, options, list(best.values()), left)

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
