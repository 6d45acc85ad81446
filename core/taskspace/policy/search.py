"""One budget's model and the solver that is asked about it, which is trusted in nothing."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from taskspace.components import Limits, Solution, Solver, Status
from taskspace.errors import SolutionRejected
from taskspace.policy.model.formulation import cheapest, forbid_supersets
from taskspace.policy.model.instance import Instance

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

PROVEN = 1e-9
"""The relative gap up to which a policy is called optimal."""


INTEGRAL = 1e-5
"""How far from 0 and 1 a binary variable may be: the widest integrality tolerance in use."""

AGREE = 1e-6
"""How far a solver's objective may be from ours, relative to it or to the largest value."""

ADVICE = "Choose another solver, and report this to whoever provides it."

_VARIABLE = re.compile(r"([xy])\[(\d+)\]")


@dataclass(frozen=True)
class FoundSet:
    """A checked answer: the set, the solver's bound in the problem's units, and the status."""

    status: Status
    mask: int | None = None
    bound: float | None = None
    message: str = ""


@dataclass
class Search:
    """Asks a solver, checks what it says, and asks again where a tolerance decided.

    Attributes:
        capacity: the budget in the instance's units of cost.
    """

    instance: Instance
    model: ConcreteModel
    capacity: int
    solver: Solver
    limits: Limits
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Return the wall time since the search began."""
        return time.perf_counter() - self.started

    def best(self) -> FoundSet:
        """Return the best set that the model allows.

        Raises:
            SolutionRejected: if the solver's answer does not satisfy the model.
        """
        while (left := self.limits.seconds - self.seconds) > 0:
            solution = self.solver.solve(self.model, replace(self.limits, seconds=left))
            if solution.status not in ("optimal", "feasible"):
                return self._without_policy(solution)
            mask = supervised_mask(self.instance, solution, self.solver.name)
            options = used_options(self.instance, mask, solution, self.solver.name)
            if is_affordable(self.instance, mask, options, self.capacity, self.solver.name):
                return self._checked(solution, mask)
            forbid_supersets(self.model, mask, options)
        return FoundSet("unknown", message="The time limit was hit before anything was found.")

    def least_cost(self) -> int | None:
        """Return the least cost that serves every target, or None where it was not proven."""
        with cheapest(self.model):
            solution = self.solver.solve(self.model, self.limits)
        if solution.status != "optimal":
            return None
        mask = supervised_mask(self.instance, solution, self.solver.name)
        return self.instance.least_cost_of(mask)

    def _checked(self, solution: Solution, mask: int) -> FoundSet:
        unit = self.model.value_unit
        weight = checked_weight(
            self.instance, mask, self.capacity, solution, unit, self.solver.name
        )
        value = self.instance.value(weight)
        bound = None if solution.bound is None else max(value, solution.bound * unit)
        return FoundSet(self.status(value, bound), mask, bound, solution.message)

    def status(self, value: float, bound: float | None) -> Status:
        """Return whether a bound shows a value to be optimal; a solver's word is not enough."""
        if bound is None:
            return "feasible"
        gap = bound - value
        return "optimal" if gap <= PROVEN * max(abs(value), self.model.value_unit) else "feasible"

    def _without_policy(self, solution: Solution) -> FoundSet:
        if solution.values or solution.objective is not None:
            raise SolutionRejected(
                f"The solver {self.solver.name} says {solution.status!r} and gives a solution.",
                advice=ADVICE,
            )
        bound = None if solution.bound is None else solution.bound * self.model.value_unit
        return FoundSet(
            solution.status,
            bound=bound if solution.status == "unknown" else None,
            message=solution.message,
        )


def supervised_mask(instance: Instance, solution: Solution, solver: str) -> int:
    """Return the tasks whose y is 1; x follows from it, but for `used_options`.

    Raises:
        SolutionRejected: if a variable is not of the model, if y is not 0 or 1, or if the set
            lacks a required task or has a forbidden one.
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
    for names, fault in (
        (instance.required & ~mask, "does not supervise {}, which is required"),
        (instance.forbidden & mask, "supervises {}, which is forbidden"),
    ):
        if names:
            raise _rejected(solver, fault.format(", ".join(instance.names(names))))
    return mask


def used_options(instance: Instance, mask: int, solution: Solution, solver: str) -> list[int]:
    """Return the positions of the options whose x is 1, where x does not follow from y.

    Elsewhere the list is empty.

    Raises:
        SolutionRejected: if x is not 0 or 1, if a transfer lacks a source, or if a target is not
            served by exactly one.
    """
    if not instance.coupled:
        return []
    used = []
    served = Counter(target for target in instance.targets if instance.uses_own(target, mask))
    for position, (target, option) in enumerate(instance.rows):
        value = solution.values.get(f"x[{position}]", 0.0)
        label = f"{'+'.join(option.transfer.sources)} -> {target}"
        if not min(abs(value), abs(value - 1)) <= INTEGRAL:
            raise _rejected(solver, f"uses {label} by {value!r}, which is neither 0 nor 1")
        if value > 0.5:
            if option.mask & ~mask:
                raise _rejected(solver, f"uses {label} without supervising all of its sources")
            used.append(position)
            served[target] += 1
    for target in instance.targets:
        if served[target] != 1:
            raise _rejected(solver, f"serves {target!r} {served[target]} times and not once")
    return used


def is_affordable(
    instance: Instance, mask: int, options: Sequence[int], capacity: int, solver: str
) -> bool:
    """Return whether a set and the options that it is used with are within the budget exactly.

    False means that they are above by less than the solver can see: then they have to be
    forbidden together and the model solved again.

    Args:
        options: as `used_options` returns them.

    Raises:
        SolutionRejected: if they are clearly above.
    """
    cost = instance.cost(mask) + sum(instance.rows[i][1].cost for i in options)
    if cost <= capacity:
        return True
    variables = len(instance.sources) + len(options)
    if Fraction(cost - capacity, instance.largest_cost()) > INTEGRAL * variables:
        raise _rejected(
            solver,
            f"supervises {', '.join(instance.names(mask))} for "
            f"{cost / instance.cost_scale:g}, with a budget of {capacity / instance.cost_scale:g}",
        )
    return False


def checked_weight(
    instance: Instance, mask: int, capacity: int, solution: Solution, unit: float, solver: str
) -> int:
    """Return the exact objective of a set, after comparing the solver's claims with it.

    It is that of the best transfers under the capacity, whichever the solver has chosen.

    Raises:
        SolutionRejected: if a target is not served, if the solver claims more than the best
            admissible transfers give, or if its bound is below them.
    """
    weight = instance.weight(mask, capacity)
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
