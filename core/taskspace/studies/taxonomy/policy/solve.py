"""Policies for a sweep of budgets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from taskspace.components import ComponentSpec, Limits, Solver
from taskspace.errors import InputError, SolutionRejected
from taskspace.studies.taxonomy.policy.decode import ADVICE
from taskspace.studies.taxonomy.policy.formulation import build_strong, set_budget
from taskspace.studies.taxonomy.policy.instance import Instance
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Transfer
from taskspace.studies.taxonomy.policy.result import Policy, mean
from taskspace.studies.taxonomy.policy.search import Found, Search
from taskspace.studies.taxonomy.policy.ties import settle, standing, without_idle

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

_FROM_SMALLER = "The solver found nothing better in time than the policy of a smaller budget."

MOST_TIES = 16
"""How many solves beyond the first may go into the search among equally good source sets."""


def solve_policies(
    problem: PolicyProblem,
    budgets: Sequence[float],
    solver: Solver,
    limits: Limits | None = None,
    *,
    most_ties: int = MOST_TIES,
) -> list[Policy]:
    """Return the best policy under each budget, in the order of the budgets.

    One model serves the sweep. Whatever a solver says is checked: sets of supervised tasks
    against the budget exactly (costs as the decimals that a person reads), transfers and the
    objective derived from them by us. Of all optimal policies the answer is the one with the
    least cost, then the fewest supervised tasks, then the first names; of a target's equally good
    transfers the one with the fewest sources, then the first names. That is one answer for all
    solvers, unless `message` says that the search among equally good sets was cut short, or two
    sets differ in value by less than 1e-9 of it without being equal.

    Args:
        limits: `seconds` is for one budget, everything included.
        most_ties: how many further solves that search may take for one budget; 0 for none.

    Raises:
        InputError: if a budget is negative or not finite.
        SolverMissing: if the solver is not installed.
        SolutionRejected: if the solver's answer does not satisfy the model.
    """
    for budget in budgets:
        number = isinstance(budget, int | float) and not isinstance(budget, bool)
        if not (number and math.isfinite(budget) and budget >= 0):
            raise InputError(
                f"A budget is {budget!r}.", advice="Give finite numbers that are not negative."
            )
    instance = Instance(problem)
    sweep = _Sweep(instance, build_strong(instance), solver, limits or Limits(), most_ties)
    solved = {budget: sweep.policy(budget) for budget in sorted({float(b) for b in budgets})}
    return [solved[float(budget)] for budget in budgets]


def solve_policy(
    transfers: Iterable[Transfer | Mapping[str, Any]],
    budget: float = 6,
    *,
    solver: str | Solver = "auto",
    limits: Limits | None = None,
    **options: Any,
) -> Policy:
    """Return the best policy under one budget.

    Args:
        transfers: records {target, sources, value} with, where known, gain and quality; the one
            whose only source is its target is the supervised network.
        solver: a solver, or its name.
        options: `importance`, `label_cost`, `source_only`, `target_only` and `rule` of
            `PolicyProblem.of`.

    Raises:
        InputError: for transfers that cannot be used, with the reason.
        SolverMissing: if the solver is not installed.
    """
    if isinstance(solver, str):
        from taskspace.registry import Registry  # noqa: PLC0415  a solver in hand needs none

        found = Registry.load().component(ComponentSpec("solver", solver))
        if not isinstance(found, Solver):
            raise TypeError(f"{solver!r} is no solver.")
        solver = found
    (policy,) = solve_policies(PolicyProblem.of(transfers, **options), [budget], solver, limits)
    return policy


class _Sweep:
    """Budgets in ascending order: the policy of a smaller one is a policy of every larger one."""

    def __init__(
        self,
        instance: Instance,
        model: ConcreteModel,
        solver: Solver,
        limits: Limits,
        most_ties: int,
    ) -> None:
        self.instance = instance
        self.model = model
        self.solver = solver
        self.limits = limits
        self.most_ties = most_ties
        self.least_cost: int | None = None
        self.best_so_far: int | None = None

    def policy(self, budget: float) -> Policy:
        """Return the policy of a budget that is not below those before it."""
        set_budget(self.model, self.instance, budget)
        capacity = self.instance.capacity(budget)
        search = Search(self.instance, self.model, capacity, self.solver, self.limits)
        found = search.best()
        if found.status == "infeasible":
            message = self._why_infeasible(search)
            return Policy(budget, "infeasible", seconds=search.seconds, message=message)
        if found.status == "error":
            return Policy(budget, "error", seconds=search.seconds, message=found.message)
        found = self._at_least_as_before(search, found)
        if found.mask is None:
            return Policy(
                budget, "unknown", bound=found.bound, seconds=search.seconds, message=found.message
            )
        mask, message = without_idle(self.instance, found.mask), found.message
        if found.status == "optimal" and self.most_ties:
            mask, message = settle(search, mask, self.most_ties)
        self.best_so_far = mask
        return _policy(self.instance, budget, replace(found, mask=mask, message=message), search)

    def _at_least_as_before(self, search: Search, found: Found) -> Found:
        before = self.best_so_far
        if before is None:
            return found
        then = standing(self.instance, before)[0]
        if found.mask is not None and standing(self.instance, found.mask)[0] <= then:
            return found
        worth = self.instance.value(-then)
        slack = 1e-6 * max(abs(worth), self.model.value_unit)
        if found.bound is not None and found.bound < worth - slack:
            raise SolutionRejected(
                f"The solver {self.solver.name} claims the bound {found.bound!r}; "
                f"{', '.join(self.instance.names(before))} are worth {worth!r} and cost less.",
                advice=ADVICE,
            )
        bound = None if found.bound is None else max(found.bound, worth)
        status = search.status(worth, bound)
        return Found(status, before, bound, "" if status == "optimal" else _FROM_SMALLER)

    def _why_infeasible(self, search: Search) -> str:
        instance = self.instance
        if self.least_cost is None:
            self.least_cost = search.least_cost()
        smallest = self.least_cost
        affordable = self.best_so_far is not None or search.capacity >= sum(instance.costs)
        if affordable or (smallest is not None and smallest <= search.capacity):
            raise SolutionRejected(
                f"The solver {self.solver.name} says that no policy fits the budget; one does.",
                advice=ADVICE,
            )
        alone = [t for t in instance.targets if instance.least_cost(t) > search.capacity]
        who = f"{_listed(alone)} cannot be served" if alone else "The targets cannot all be served"
        if smallest is None:
            return f"{who} under this budget."
        return (
            f"{who} under this budget; the smallest that works is "
            f"{smallest / instance.cost_scale:g}."
        )


def _policy(instance: Instance, budget: float, found: Found, search: Search) -> Policy:
    assert found.mask is not None
    chosen = instance.served(found.mask)
    assert chosen is not None
    transfers = {target: option.transfer for target, option in chosen.items()}
    value = instance.value(sum(option.weight for option in chosen.values()))
    return Policy(
        budget=budget,
        status=found.status,
        objective=value,
        bound=None if found.bound is None else max(found.bound, value),
        supervised=instance.names(found.mask),
        transfers={target: transfer.sources for target, transfer in transfers.items()},
        mean_gain=mean(transfer.gain for transfer in transfers.values()),
        mean_quality=mean(transfer.quality for transfer in transfers.values()),
        seconds=search.seconds,
        message=found.message,
    )


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
