"""Why no policy fits a budget, and the smallest budget that has one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from taskspace.errors import SolutionRejected
from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.bounds.cover import Cover, least_costs
from taskspace.policy.model.names import listed_names
from taskspace.policy.search import ADVICE, Search


def too_small(options: OptionArrays, cover: Cover, capacity: int) -> str:
    """Return who cannot be served where the cheapest cover is above the capacity.

    Args:
        capacity: in the units of `OptionArrays.cost`.
    """
    problem = options.problem
    return _infeasible(
        [problem.targets[t] for t in np.flatnonzero(least_costs(options) > capacity)],
        problem.required,
        required_too_dear=options.cost[options.required].sum() > capacity,
        smallest=None if cover.cost is None else options.amount(cover.cost),
        proven=cover.proven,
    )


def why_infeasible(search: Search, *, known: bool) -> str:
    """Return who cannot be served where a solver says that no policy fits.

    Args:
        known: whether a set within the budget is known that serves every target.

    Raises:
        SolutionRejected: if a policy fits all the same.
    """
    instance = search.instance
    smallest = search.least_cost()
    affordable = known or search.capacity >= instance.most_cost()
    if affordable or (smallest is not None and smallest <= search.capacity):
        raise SolutionRejected(
            f"The solver {search.solver.name} says that no policy fits the budget; one does.",
            advice=ADVICE,
        )
    return _infeasible(
        [t for t in instance.targets if instance.least_cost(t) > search.capacity],
        instance.problem.required,
        required_too_dear=instance.cost(instance.required) > search.capacity,
        smallest=None if smallest is None else smallest / instance.cost_scale,
        proven=True,
    )


def _infeasible(
    alone: Sequence[str],
    required: Collection[str],
    *,
    required_too_dear: bool,
    smallest: float | None,
    proven: bool,
) -> str:
    """Return who cannot be served, and the smallest budget that works.

    Args:
        alone: the targets that cannot be served even alone.
        proven: whether no budget below `smallest` works.
    """
    named = listed_names(required)
    if required_too_dear:
        who = f"The required {named} cannot be supervised"
    else:
        who = f"{listed_names(alone)} cannot" if alone else "The targets cannot all"
        who += f" be served beside the required {named}" if required else " be served"
    if smallest is None:
        return f"{who} under this budget."
    about = "is" if proven else "is at most"
    return f"{who} under this budget; the smallest that works {about} {smallest:g}."
