"""From what a solver returned to a set of supervised tasks, trusting nothing."""

from __future__ import annotations

import re
from fractions import Fraction

from taskspace.components import Solution
from taskspace.errors import SolutionRejected
from taskspace.studies.taxonomy.policy.instance import Instance

INTEGRAL = 1e-5
"""How far from 0 and 1 a binary variable may be: the widest integrality tolerance in use."""

AGREE = 1e-6
"""How far a solver's objective may be from ours, relative to it or to the largest value."""

ADVICE = "Choose another solver, and report this to whoever provides it."

_VARIABLE = re.compile(r"([xy])\[(\d+)\]")


def supervised_mask(instance: Instance, solution: Solution, solver: str) -> int:
    """Return the tasks whose y is 1; x is not looked at, it follows from y.

    Raises:
        SolutionRejected: if a variable is not of the model, or y is not 0 or 1.
    """
    mask = 0
    for name, value in solution.values.items():
        match = _VARIABLE.fullmatch(name)
        if match is None or (match[1] == "y" and int(match[2]) >= len(instance.sources)):
            raise _rejected(solver, f"gave a value to {name!r}, which the model does not have")
        if match[1] == "x":
            continue
        if not min(abs(value), abs(value - 1)) <= INTEGRAL:
            task = instance.sources[int(match[2])]
            raise _rejected(solver, f"supervises {task!r} by {value!r}, which is neither 0 nor 1")
        if value > 0.5:
            mask |= 1 << int(match[2])
    return mask


def is_affordable(instance: Instance, mask: int, capacity: int, solver: str) -> bool:
    """Return whether a set is within the budget exactly.

    False means that it is above by less than the solver can see: then the set has to be
    forbidden and the model solved again.

    Raises:
        SolutionRejected: if it is clearly above.
    """
    cost = instance.cost(mask)
    if cost <= capacity:
        return True
    if Fraction(cost - capacity, max(instance.costs)) > INTEGRAL * len(instance.sources):
        raise _rejected(
            solver,
            f"supervises {', '.join(instance.names(mask))} for "
            f"{cost / instance.cost_scale:g}, with a budget of {capacity / instance.cost_scale:g}",
        )
    return False


def checked_weight(
    instance: Instance, mask: int, solution: Solution, unit: float, solver: str
) -> int:
    """Return the exact objective of a set, after comparing the solver's claims with it.

    Raises:
        SolutionRejected: if a target is not served, if the solver claims more than the best
            admissible transfers give, or if its bound is below them.
    """
    weight = instance.weight(mask)
    if weight is None:
        without = [t for t in instance.targets if instance.best(t, mask) is None]
        raise _rejected(solver, f"leaves {', '.join(without)} without a transfer")
    value = instance.value(weight)
    slack = AGREE * max(abs(value), unit)
    if solution.objective is not None and not solution.objective * unit <= value + slack:
        raise _rejected(
            solver,
            f"claims the objective {solution.objective * unit!r}; its policy has {value!r}",
        )
    if solution.bound is not None and not solution.bound * unit >= value - slack:
        raise _rejected(
            solver, f"claims the bound {solution.bound * unit!r}; its policy has {value!r}"
        )
    return weight


def _rejected(solver: str, fault: str) -> SolutionRejected:
    return SolutionRejected(
        f"The answer of the solver {solver} is wrong: it {fault}.",
        advice=ADVICE,
    )
