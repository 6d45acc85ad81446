"""One answer whichever solver is asked: the search among equally good source sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from taskspace.errors import SolutionRejected
from taskspace.policy.model.formulation import (
    forbid,
    forbid_supersets,
    set_capacity,
    supervise_at_most,
)
from taskspace.policy.model.instance import Instance, bits
from taskspace.policy.model.serving import Option
from taskspace.policy.search import ADVICE, FoundSet, Search

MARGIN = 1e-8
"""Sets within this share of the optimum are compared exactly: ten times the gap of a proof."""

CUT_SHORT = "The search for equally good source sets hit the time limit."

Standing = tuple[int, int, int, tuple[str, ...]]

Step = Literal["cheaper", "fewer", "first"]


def standing(instance: Instance, mask: int, capacity: int | None = None) -> Standing:
    """Return what decides between the best policies of two sets, smallest first.

    The order of all policies, which search and enumeration share: the largest objective; the
    least cost, labels and transfers together; the fewest supervised tasks; their names in
    alphabetical order. Then, target after target in alphabetical order, the transfer with the
    fewest sources and the first names; that part is in `Instance.served`.

    Args:
        capacity: what labels and transfers may cost; no limit where None.

    Raises:
        ValueError: if the set has no policy.
    """
    chosen = instance.served(mask, capacity)
    if chosen is None:
        raise ValueError(f"{instance.names(mask)} does not serve every target.")
    weight = sum(option.weight for option in chosen.values())
    cost = instance.cost(mask) + sum(option.cost for option in chosen.values())
    return -weight, cost, mask.bit_count(), instance.names(mask)


def without_idle(instance: Instance, mask: int, capacity: int | None = None) -> int:
    """Drop tasks as long as the policy does not get worse by `standing`, the last by name first.

    An idle task costs labels and changes nothing: nobody reads its encoder at a gain. Where
    transfers cost something a task may earn its place by making them cheaper, too. A required
    task is never dropped.
    """
    if not instance.coupled:
        return _without_unread(instance, mask)
    found = standing(instance, mask, capacity)
    for k in sorted(bits(mask & ~instance.required), reverse=True):
        smaller = mask & ~(1 << k)
        if instance.weight(smaller, capacity) is None:
            continue
        other = standing(instance, smaller, capacity)
        if other < found:
            mask, found = smaller, other
    return mask


def _without_unread(instance: Instance, mask: int) -> int:
    """Drop idle tasks where each target's transfer can be chosen for itself."""
    chosen = instance.served(mask) or {}
    readers: dict[int, set[str]] = {}
    for target, option in chosen.items():
        for k in bits(option.mask):
            readers.setdefault(k, set()).add(target)
    for k in sorted(bits(mask & ~instance.required), reverse=True):
        smaller = mask & ~(1 << k)
        changed: dict[str, Option] = {}
        for target in readers.get(k, ()):
            other = instance.best(target, smaller)
            if other is None:
                break
            changed[target] = other
        else:
            lost = sum(chosen[target].weight - option.weight for target, option in changed.items())
            if lost <= 0:
                mask = smaller
                chosen |= changed
                for target, option in changed.items():
                    for task in bits(option.mask):
                        readers.setdefault(task, set()).add(target)
    return mask


def settle(search: Search, mask: int, most: int) -> tuple[int, str]:
    """Return the first by `standing` among all optimal sets, and what to say about it.

    `mask` is optimal. Again and again its supersets are forbidden - they are worth no more and
    none of them stands before it - and the best of the rest is looked for, until that is worth
    less. At most `most` further solves; beyond that, or beyond the time limit, the answer is
    still optimal but another solver may name another set. Not for transfers that cost something;
    see `settle_with_costs`.

    Raises:
        SolutionRejected: if a set turns up that is clearly better than the optimum.
    """
    instance, model = search.instance, search.model
    best = without_idle(instance, mask)
    last = best
    for _ in range(most):
        if last == instance.required:
            return best, ""  # every set contains it
        if standing(instance, last)[0] == standing(instance, best)[0]:
            forbid_supersets(model, last)
        else:
            forbid(model, last)
        found = search.best()
        if found.status == "infeasible":
            return best, ""
        if found.status != "optimal" or found.mask is None:
            return best, CUT_SHORT
        if falls_short(search, -standing(instance, found.mask)[0], -standing(instance, best)[0]):
            return best, ""
        last = without_idle(instance, found.mask)
        best = min(best, last, key=lambda m: standing(instance, m))
    return best, too_many(most)


def falls_short(search: Search, weight: int, best: int) -> bool:
    """Return whether a set's weight is below the best one's by more than a solver may miss.

    Raises:
        SolutionRejected: if it is clearly above.
    """
    value, least = search.instance.value(weight), search.instance.value(best)
    margin: float = MARGIN * max(abs(least), search.model.value_unit)
    if value > least + margin:
        raise SolutionRejected(
            f"The solver {search.solver.name} called {least!r} optimal, then found {value!r}.",
            advice=ADVICE,
        )
    return value < least - margin


def too_many(most: int) -> str:
    """Return what to say where the search ended before it had seen every equally good set."""
    return f"More than {most} source sets are as good; this is the first of those seen."


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
