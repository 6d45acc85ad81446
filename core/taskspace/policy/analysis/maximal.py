"""Exact uniform draws among the maximal affordable sets of tasks."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from taskspace.errors import InputError

MOST_STATES = 2_000_000
"""Different partial costs that the count may have to remember, in all."""


class MaximalSets:
    """All sets whose cost is within the capacity, and to which nothing affordable can be added.

    Method: a set is maximal if its cost and that of the cheapest task outside exceed the
    capacity. Sort the tasks by cost; let j be the first one outside. Then all before j are
    inside, and of those after j any choice is right whose cost lies in an interval. A table
    counts such choices exactly, in integers; a draw picks j, and then task after task, in
    proportion to the counts. With equal costs these are all sets of one size.

    Args:
        costs: integers, not negative.

    Raises:
        InputError: if the costs have so many different sums that they cannot be counted.
    """

    def __init__(self, costs: Sequence[int], capacity: int) -> None:
        self.order = sorted(range(len(costs)), key=lambda k: (costs[k], k))
        self.costs = [costs[k] for k in self.order]
        self.capacity = capacity
        self._sums = [_Cumulative(sums) for sums in self._count_sums()]
        self._first_outside = self._count_by_first_outside()
        self.count = sum(self._first_outside.values())

    def draw(self, rng: random.Random) -> int:
        """Return one set as bits of positions in `costs`, every set with the same probability."""
        return self._numbered(rng.randrange(self.count))

    def __iter__(self) -> Iterator[int]:
        """Yield every set once, as `draw` returns them."""
        return map(self._numbered, range(self.count))

    def _numbered(self, ticket: int) -> int:
        """Return one of the sets, numbered from 0."""
        firsts = list(self._first_outside)
        upto = list(accumulate(self._first_outside.values()))
        drawn = bisect_right(upto, ticket)
        outside = firsts[drawn]
        ticket -= upto[drawn] - self._first_outside[outside]
        if outside == len(self.costs):
            return sum(1 << k for k in self.order)
        inside = self.order[:outside]
        low, high = self._interval(outside)
        for position in range(outside + 1, len(self.costs)):
            cost = self.costs[position]
            taken = self._between(position + 1, low - cost, high - cost)
            if ticket < taken:
                inside.append(self.order[position])
                low, high = low - cost, high - cost
            else:
                ticket -= taken
        return sum(1 << k for k in inside)

    def _count_sums(self) -> list[dict[int, int]]:
        """Return, for each suffix of the tasks, cost to number of choices with that cost."""
        sums: list[dict[int, int]] = [{0: 1}]
        states = 0
        for cost in reversed(self.costs):
            grown: defaultdict[int, int] = defaultdict(int, sums[-1])
            for total, number in sums[-1].items():
                if total + cost <= self.capacity:
                    grown[total + cost] += number
            sums.append(grown)
            states += len(grown)
            if states > MOST_STATES:
                raise InputError(
                    "The label costs have too many different sums to draw random policies.",
                    advice="Round them: two or three digits are enough to compare policies.",
                )
        return sums[::-1]

    def _count_by_first_outside(self) -> dict[int, int]:
        counts = {}
        for outside in range(len(self.costs)):
            low, high = self._interval(outside)
            if high >= 0:
                counts[outside] = self._between(outside + 1, low, high)
        if sum(self.costs) <= self.capacity:
            counts[len(self.costs)] = 1
        return {outside: number for outside, number in counts.items() if number}

    def _interval(self, outside: int) -> tuple[int, int]:
        """Return the least and the largest cost of what is inside behind `outside`."""
        high = self.capacity - sum(self.costs[:outside])
        return high - self.costs[outside] + 1, high

    def _between(self, position: int, low: int, high: int) -> int:
        return self._sums[position].between(low, high)


class _Cumulative:
    """How many choices cost at most so much."""

    def __init__(self, number_by_cost: Mapping[int, int]) -> None:
        self.costs = sorted(number_by_cost)
        self.upto = [0, *accumulate(number_by_cost[cost] for cost in self.costs)]

    def between(self, low: int, high: int) -> int:
        """Return the number of choices that cost from `low` to `high`, both included."""
        if high < low:
            return 0
        return self.upto[bisect_right(self.costs, high)] - self.upto[bisect_left(self.costs, low)]
