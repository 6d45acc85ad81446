"""Policies for a sweep of budgets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from taskspace.components import ComponentSpec, Limits, Solver
from taskspace.errors import InputError, SolutionRejected
from taskspace.studies.taxonomy.policy.admission import FORMULATIONS, Formulation
from taskspace.studies.taxonomy.policy.decode import ADVICE
from taskspace.studies.taxonomy.policy.formulation import build, set_budget, started_from
from taskspace.studies.taxonomy.policy.instance import Instance
from taskspace.studies.taxonomy.policy.problem import PolicyProblem, Transfer
from taskspace.studies.taxonomy.policy.result import Policy, mean
from taskspace.studies.taxonomy.policy.search import Found, Search
from taskspace.studies.taxonomy.policy.ties import settle, standing, without_idle
from taskspace.studies.taxonomy.policy.ties_with_costs import settle_with_costs

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
    formulation: Formulation = "strong",
    most_ties: int = MOST_TIES,
) -> list[Policy]:
    """Return the best policy under each budget, in the order of the budgets.

    One model serves the sweep. Whatever a solver says is checked: sets of supervised tasks
    against the budget exactly (costs as the decimals that a person reads), transfers and the
    objective derived from them by us. Of all optimal policies the answer is the first in the
    order of `standing`: by cost, by number of supervised tasks, by names. That is one answer for
    all solvers and formulations, unless `message` says that the search among equally good sets
    was cut short, or two sets differ in value by less than 1e-9 of it without being equal.

    Args:
        limits: `seconds` is for one budget, everything included.
        formulation: how the model says that a transfer needs its sources; see `admission_rows`.
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
    if formulation not in FORMULATIONS:
        raise InputError(
            f"The formulation is {formulation!r}; it is one of "
            f"{', '.join(repr(name) for name in FORMULATIONS)}."
        )
    model = build(instance, formulation)
    sweep = _Sweep(instance, model, solver, limits or Limits(), most_ties)
    solved = {budget: sweep.policy(budget) for budget in sorted({float(b) for b in budgets})}
    return [solved[float(budget)] for budget in budgets]


def solve_policy(
    transfers: Iterable[Transfer | Mapping[str, Any]],
    budget: float = 6,
    *,
    solver: str | Solver = "auto",
    limits: Limits | None = None,
    formulation: Formulation = "strong",
    **options: Any,
) -> Policy:
    """Return the best policy under one budget.

    Args:
        transfers: records {target, sources, value} with, where known, gain, quality and cost; the
            one whose only source is its target is the supervised network.
        solver: a solver, or its name.
        formulation: `strong`, `per_source` or `paper`; the answer is the same.
        options: `importance`, `label_cost`, `source_only`, `target_only`, `rule`, `required` and
            `forbidden` of `PolicyProblem.of`.

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
    problem = PolicyProblem.of(transfers, **options)
    (policy,) = solve_policies(problem, [budget], solver, limits, formulation=formulation)
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
        from taskspace.studies.taxonomy.policy.start import Starts  # noqa: PLC0415  NumPy

        self.starts = Starts(instance)
        self.least_cost: int | None = None
        self.best_so_far: int | None = None

    def policy(self, budget: float) -> Policy:
        """Return the policy of a budget that is not below those before it."""
        set_budget(self.model, self.instance, budget)
        capacity = self.instance.capacity(budget)
        search = Search(self.instance, self.model, capacity, self.solver, self.limits)
        with started_from(self.model, self.instance, self._start(capacity)):
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
        mask, message = without_idle(self.instance, found.mask, capacity), found.message
        if found.status == "optimal" and self.most_ties:
            settled = settle_with_costs if self.instance.coupled else settle
            mask, message = settled(search, mask, self.most_ties)
        self.best_so_far = mask
        return _policy(self.instance, budget, replace(found, mask=mask, message=message), search)

    def _start(self, capacity: int) -> int | None:
        """Return a good set; that of the budget before may be beyond what the search can reach."""
        if self.instance.coupled:
            return None
        found = self.starts.best(capacity)
        known = [mask for mask in (found, self.best_so_far) if mask is not None]
        return min(known, key=lambda mask: standing(self.instance, mask, capacity), default=None)

    def _at_least_as_before(self, search: Search, found: Found) -> Found:
        before = self.best_so_far
        if before is None:
            return found
        then = standing(self.instance, before, search.capacity)[0]
        if (
            found.mask is not None
            and standing(self.instance, found.mask, search.capacity)[0] <= then
        ):
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
        affordable = self.best_so_far is not None or search.capacity >= instance.most_cost()
        if affordable or (smallest is not None and smallest <= search.capacity):
            raise SolutionRejected(
                f"The solver {self.solver.name} says that no policy fits the budget; one does.",
                advice=ADVICE,
            )
        who = self._left_out(search.capacity)
        if smallest is None:
            return f"{who} under this budget."
        return (
            f"{who} under this budget; the smallest that works is "
            f"{smallest / instance.cost_scale:g}."
        )

    def _left_out(self, capacity: int) -> str:
        instance = self.instance
        required = _listed(instance.names(instance.required))
        if instance.cost(instance.required) > capacity:
            return f"The required {required} cannot be supervised"
        alone = [t for t in instance.targets if instance.least_cost(t) > capacity]
        who = f"{_listed(alone)} cannot" if alone else "The targets cannot all"
        return f"{who} be served beside the required {required}" if required else f"{who} be served"


def _policy(instance: Instance, budget: float, found: Found, search: Search) -> Policy:
    assert found.mask is not None
    chosen = instance.served(found.mask, search.capacity)
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
