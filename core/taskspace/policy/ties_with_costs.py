"""The search among equally good policies where transfers cost something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from taskspace.policy.model.formulation import forbid, set_capacity, supervise_at_most
from taskspace.policy.search import FoundSet, Search
from taskspace.policy.ties import (
    CUT_SHORT,
    Standing,
    falls_short,
    standing,
    too_many,
    without_idle,
)

Step = Literal["cheaper", "fewer", "first"]


def settle_with_costs(search: Search, mask: int, most: int) -> tuple[int, str]:
    """Return the first by `standing` among all optimal sets, and what to say about it.

    `mask` is optimal. A larger set may stand before a smaller one here, because it may admit
    cheaper transfers, so nothing can be said of supersets. Instead the model is told to be cheaper
    than the best so far, until that is worth less; then to supervise fewer tasks at that cost;
    then to supervise others. At most `most` further solves, as in `settle`.

    Raises:
        SolutionRejected: if a set turns up that is clearly better than the optimum.
    """
    instance, capacity, solves = search.instance, search.capacity, 0
    best = without_idle(instance, mask, capacity)
    stands = standing(instance, best, capacity)
    try:
        for step in get_args(Step):
            seen = [best] if step == "first" else []
            while True:
                if solves == most:
                    return best, too_many(most)
                found = _beyond(search, step, stands, seen)
                solves += 1
                if found.status == "infeasible":
                    break
                if found.status != "optimal" or found.mask is None:
                    return best, CUT_SHORT
                other = standing(instance, found.mask, search.capacity)
                if falls_short(search, -other[0], -stands[0]):
                    break
                seen.append(found.mask)
                if other < stands:
                    best, stands = found.mask, other
    finally:
        search.capacity = capacity
    return best, ""


def _beyond(search: Search, step: Step, stands: Standing, seen: Iterable[int]) -> FoundSet:
    """Return the best set among those that may stand before what was found, and were not seen."""
    _, cost, number, _ = stands
    search.capacity = cost - 1 if step == "cheaper" else cost
    set_capacity(search.model, search.capacity, search.instance.most_cost())
    if step != "cheaper":
        supervise_at_most(search.model, number - 1 if step == "fewer" else number)
    for mask in seen:
        forbid(search.model, mask)
    return search.best()
