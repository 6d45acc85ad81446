"""The next best policies: other sets of supervised tasks under the same budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from taskspace.errors import SolutionRejected
from taskspace.policy.model.formulation import forbid_supersets
from taskspace.policy.search import ADVICE, Search
from taskspace.policy.ties import falls_short, standing, without_idle

MOST_SEEN = 16
"""How many sets beyond those asked for may be looked at, to put equally good ones in order."""


@dataclass(frozen=True)
class Alternative:
    """A set of tasks that could be supervised instead.

    Attributes:
        lost: the share of the optimum's objective that it gives up; None where that is 0.
    """

    supervised: tuple[str, ...]
    objective: float
    lost: float | None


@dataclass(frozen=True)
class Alternatives:
    """The alternatives, best first, and what a person should know where they are not all."""

    found: tuple[Alternative, ...] = ()
    message: str = ""


def alternatives_to(
    search: Search, optimum: int, count: int, most_seen: int = MOST_SEEN
) -> Alternatives:
    """Return the `count` best sets beside the optimum, by value, cost, number and names.

    An alternative is affordable, serves every target, and no part of it is worth as much: with
    idle tasks added, the optimum itself would fill the list. Method: forbid the supersets of
    every set that was found, and solve again. A part of a set that is still allowed is allowed,
    so what is found is the best alternative that is left, and nothing forbidden is one. The last
    solve shows that no equally good set is missing; so the list is one for all solvers.

    Args:
        search: of a model whose only limits are the budget and what the problem says.
        optimum: the best set, first by `standing`.
        most_seen: how many further sets may be looked at where many are equally good.

    Raises:
        SolutionRejected: if the solver returns a forbidden set, or a better one than before.
    """
    instance, message = search.instance, ""
    seen = [optimum]
    while seen[-1] != instance.required:  # every set contains that
        forbid_supersets(search.model, seen[-1])
        found = search.best()
        if found.status == "infeasible":
            break
        if found.status != "optimal" or found.mask is None:
            message = "The search for alternatives hit the time limit; there may be more."
            break
        _check_allowed(search, found.mask, seen)
        weight = weight_of(search, found.mask)
        falls_short(search, weight, min(weight_of(search, mask) for mask in seen))
        listed = _irredundant(search, seen)
        if len(listed) >= count and falls_short(
            search, weight, weight_of(search, listed[count - 1])
        ):
            break
        if len(seen) > count + most_seen:
            message = (
                f"More than {most_seen} further sets are as good as the last alternatives; these "
                "are the first of those seen."
            )
            break
        seen.append(without_idle(instance, found.mask, search.capacity))
    best = _irredundant(search, seen)[:count]
    return Alternatives(tuple(_alternative(search, optimum, mask) for mask in best), message)


def weight_of(search: Search, mask: int) -> int:
    """Return the exact objective of a set under the budget of a search, times `scale`."""
    return -standing(search.instance, mask, search.capacity)[0]


def share_lost(search: Search, optimum: int, mask: int) -> float | None:
    """Return (optimum - objective) / |optimum|, rounded once; None where the optimum is 0."""
    most, weight = weight_of(search, optimum), weight_of(search, mask)
    if weight == most:
        return 0.0
    return float(Fraction(most - weight, abs(most))) if most else None


def _alternative(search: Search, optimum: int, mask: int) -> Alternative:
    instance = search.instance
    return Alternative(
        instance.names(mask),
        instance.value(weight_of(search, mask)),
        share_lost(search, optimum, mask),
    )


def _irredundant(search: Search, seen: Sequence[int]) -> list[int]:
    """Return what was seen after the optimum, in order, without sets whose part is worth as much.

    Dropping idle tasks one by one does not find every such part: two may be idle only together.
    The part turns up later, because it is still allowed.
    """
    rank = {mask: standing(search.instance, mask, search.capacity) for mask in seen}
    return sorted(
        (
            mask
            for mask in seen[1:]
            if not any(
                part != mask and not part & ~mask and rank[part][0] <= rank[mask][0]
                for part in seen
            )
        ),
        key=lambda mask: rank[mask],
    )


def _check_allowed(search: Search, mask: int, seen: Sequence[int]) -> None:
    for part in seen:
        if not part & ~mask:
            names = search.instance.names
            raise SolutionRejected(
                f"The solver {search.solver.name} returned {', '.join(names(mask))}, which holds "
                f"the forbidden set {', '.join(names(part))}.",
                advice=ADVICE,
            )
