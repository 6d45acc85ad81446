"""One budget's model and the solver that is asked about it, within one time limit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from taskspace.components import Limits, Solution, Solver, Status
from taskspace.errors import SolutionRejected
from taskspace.policy.decode import (
    ADVICE,
    checked_weight,
    is_affordable,
    supervised_mask,
    used_options,
)
from taskspace.policy.model.formulation import cheapest, forbid_supersets
from taskspace.policy.model.instance import Instance

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

PROVEN = 1e-9
"""The relative gap up to which a policy is called optimal."""


@dataclass(frozen=True)
class Found:
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

    def best(self) -> Found:
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
        return Found("unknown", message="The time limit was hit before anything was found.")

    def least_cost(self) -> int | None:
        """Return the least cost that serves every target, or None where it was not proven."""
        with cheapest(self.model):
            solution = self.solver.solve(self.model, self.limits)
        if solution.status != "optimal":
            return None
        mask = supervised_mask(self.instance, solution, self.solver.name)
        return self.instance.least_cost_of(mask)

    def _checked(self, solution: Solution, mask: int) -> Found:
        unit = self.model.value_unit
        weight = checked_weight(
            self.instance, mask, self.capacity, solution, unit, self.solver.name
        )
        value = self.instance.value(weight)
        bound = None if solution.bound is None else max(value, solution.bound * unit)
        return Found(self.status(value, bound), mask, bound, solution.message)

    def status(self, value: float, bound: float | None) -> Status:
        """Return whether a bound shows a value to be optimal; a solver's word is not enough."""
        if bound is None:
            return "feasible"
        gap = bound - value
        return "optimal" if gap <= PROVEN * max(abs(value), self.model.value_unit) else "feasible"

    def _without_policy(self, solution: Solution) -> Found:
        if solution.values or solution.objective is not None:
            raise SolutionRejected(
                f"The solver {self.solver.name} says {solution.status!r} and gives a solution.",
                advice=ADVICE,
            )
        bound = None if solution.bound is None else solution.bound * self.model.value_unit
        return Found(
            solution.status,
            bound=bound if solution.status == "unknown" else None,
            message=solution.message,
        )
