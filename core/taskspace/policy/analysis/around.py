"""What stands around the optimum of each budget: alternatives and sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskspace.components import Limits, Solver
from taskspace.policy.analysis.alternatives import Alternatives, alternatives_to
from taskspace.policy.analysis.sensitivity import Sensitivity, sensitivity_of
from taskspace.policy.model.formulation import build, set_budget
from taskspace.policy.model.instance import Instance
from taskspace.policy.model.problem import UncheckedProblem
from taskspace.policy.result import Policy
from taskspace.policy.search import Search

NOT_PROVEN = "Not computed: the policy of this budget is not proven optimal."


@dataclass(frozen=True)
class Around:
    """The surroundings of one budget's policy; None for what was not asked for."""

    budget: float
    alternatives: Alternatives | None = None
    sensitivity: Sensitivity | None = None


def around_optima(
    problem: UncheckedProblem,
    policies: Sequence[Policy],
    solver: Solver,
    limits: Limits | None = None,
    *,
    alternatives: int = 0,
    sensitivity: bool = False,
) -> list[Around]:
    """Return what stands around each policy that is proven optimal, with one model for all.

    Args:
        policies: of `solve_policies` for this problem.
        limits: `seconds` is for the alternatives of one budget, all together, and again for the
            sensitivity of one budget.
        alternatives: how many; see `alternatives_to`.

    Raises:
        SolverMissing: if the solver is not installed.
        SolutionRejected: if the solver contradicts itself or returns what it was told not to.
    """
    instance = Instance(problem)
    model = build(instance)

    def search(policy: Policy) -> Search:
        set_budget(model, instance, policy.budget)
        capacity = instance.capacity(policy.budget)
        return Search(instance, model, capacity, solver, limits or Limits())

    found = []
    for policy in policies:
        others: Alternatives | None = None
        decisions: Sensitivity | None = None
        if policy.status == "optimal":
            optimum = instance.mask(policy.supervised)
            if sensitivity:
                decisions = sensitivity_of(search(policy), optimum)
            if alternatives:
                others = alternatives_to(search(policy), optimum, alternatives)
        elif policy.status == "feasible":
            decisions = Sensitivity(message=NOT_PROVEN) if sensitivity else None
            others = Alternatives(message=NOT_PROVEN) if alternatives else None
        found.append(Around(policy.budget, others, decisions))
    return found
