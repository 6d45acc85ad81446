"""Which transfers serve the targets of one set of tasks, where transfers cost something.

For a given set of supervised tasks this is a multiple-choice knapsack: one option a target, and
what they cost together is limited. Everything is in integers, so the answer is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taskspace.policy.model.transfers import Transfer


@dataclass(frozen=True, slots=True)
class Option:
    """A transfer with its exact weight r_t p_i, the bits of its sources, and its exact cost."""

    weight: int
    mask: int
    transfer: Transfer
    cost: int = 0


@dataclass(frozen=True, slots=True)
class _Chain:
    """Options of the last targets, the first of them here; what they weigh and cost together."""

    weight: int
    cost: int
    option: Option | None = None
    rest: _Chain | None = None


def cheapest_cost(options: Sequence[Sequence[Option]]) -> int | None:
    """Return the least that one option a target costs, or None where a target has none."""
    if not all(options):
        return None
    return sum(min(option.cost for option in listed) for listed in options)


def serve(options: Sequence[Sequence[Option]], capacity: int) -> list[Option] | None:
    """Return the best options, one a target, or None where none are within the capacity.

    Best is the largest weight, then the least cost, then target after target the fewest sources
    and the first names.

    Method: chains of options are grown from the last target to the first. Of two chains, one that
    weighs no less and costs no more makes the other needless. A chain that even the Lagrangian
    relaxation of the targets before it cannot bring up to a policy in hand is needless too; few
    are left then, where without this bound there may be as many as there are costs.

    Args:
        options: those that the set admits, for each target.
        capacity: what they may cost together.
    """
    least = cheapest_cost(options)
    if least is None or least > capacity:
        return None
    price, unit = _price(options, capacity)
    relaxed = _relaxed(options, price, unit)
    in_hand = _filled(options, relaxed, capacity)
    worth_having = unit * sum(option.weight for option in in_hand)
    # What the targets before position t can bring at most, and cost at least.
    most = [price * capacity]
    before = [0]
    for listed, best in zip(options, relaxed, strict=True):
        most.append(most[-1] + unit * best.weight - price * best.cost)
        before.append(before[-1] + min(option.cost for option in listed))
    chains = [_Chain(0, 0)]
    for t in range(len(options) - 1, -1, -1):
        ranked = sorted(options[t], key=lambda option: option.transfer.name_rank)
        grown = (
            _Chain(option.weight + chain.weight, option.cost + chain.cost, option, chain)
            for option in ranked
            for chain in chains
        )
        chains = _undominated(
            [
                chain
                for chain in grown
                if before[t] + chain.cost <= capacity
                and most[t] + unit * chain.weight - price * chain.cost >= worth_having
            ]
        )
    # The dearest of what is left weighs most.
    return list(_unwound(chains[-1]))


def _price(options: Sequence[Sequence[Option]], capacity: int) -> tuple[int, int]:
    """Return the least price of cost, as a fraction, at which the best options are affordable."""
    unit = max(1, capacity)
    weights = [option.weight for listed in options for option in listed]
    low, high = -1, unit * (max(weights) - min(weights)) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if sum(option.cost for option in _relaxed(options, middle, unit)) <= capacity:
            high = middle
        else:
            low = middle
    return high, unit


def _relaxed(options: Sequence[Sequence[Option]], price: int, unit: int) -> list[Option]:
    """Return each target's best option when cost has a price instead of a limit."""
    return [
        max(listed, key=lambda option: (unit * option.weight - price * option.cost, -option.cost))
        for listed in options
    ]


def _filled(
    options: Sequence[Sequence[Option]], chosen: Sequence[Option], capacity: int
) -> list[Option]:
    """Return the options after the largest gains in weight that the rest of the capacity allows."""
    filled = list(chosen)
    left = capacity - sum(option.cost for option in filled)
    while True:
        gains = [
            (option.weight - filled[t].weight, t, option)
            for t, listed in enumerate(options)
            for option in listed
            if option.weight > filled[t].weight and option.cost - filled[t].cost <= left
        ]
        if not gains:
            return filled
        _, t, option = max(gains, key=lambda gain: gain[0])
        left -= option.cost - filled[t].cost
        filled[t] = option


def _undominated(chains: list[_Chain]) -> list[_Chain]:
    """Return the chains by cost, each weightier than those before it; of equal ones the first."""
    kept: list[_Chain] = []
    for chain in sorted(chains, key=lambda chain: (chain.cost, -chain.weight)):
        if not kept or chain.weight > kept[-1].weight:
            kept.append(chain)
    return kept


def _unwound(chain: _Chain) -> Iterator[Option]:
    link: _Chain | None = chain
    while link is not None and link.option is not None:
        yield link.option
        link = link.rest
