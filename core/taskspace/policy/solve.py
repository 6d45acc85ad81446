"""Policies for a sweep of budgets, each solved and checked."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from taskspace.components import ComponentSpec, Limits, Solver
from taskspace.errors import InputError, SolutionRejected, SolverMissing
from taskspace.policy.bounds.core_problem import Core, Reduction
from taskspace.policy.bounds.cover import Cover, cheapest_cover
from taskspace.policy.infeasible import too_small, why_infeasible
from taskspace.policy.model.checked_problem import PolicyProblem
from taskspace.policy.model.formulation import (
    FORMULATIONS,
    Formulation,
    build,
    set_budget,
    started_from,
)
from taskspace.policy.model.instance import Instance, exact
from taskspace.policy.model.problem import UncheckedProblem
from taskspace.policy.model.transfers import Transfer
from taskspace.policy.result import Policy, mean
from taskspace.policy.search import ADVICE, FoundSet, Search
from taskspace.policy.ties import settle, settle_with_costs, standing, without_idle

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

MOST_TIES = 16
"""How many solves beyond the first may go into the search among equally good source sets."""

_NOT_BETTER = "The solver found nothing better in time than what it was started from."


def solve_policies(
    problem: UncheckedProblem,
    budgets: Sequence[float],
    solver: Solver,
    limits: Limits | None = None,
    *,
    formulation: Formulation = "strong",
    most_ties: int = MOST_TIES,
    reduce: bool = True,
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
        reduce: whether the solver sees only what bounds of our own leave open; see `Reduction`.
            With another formulation than `strong` it sees all of the problem.
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
    if formulation not in FORMULATIONS:
        raise InputError(
            f"The formulation is {formulation!r}; it is one of "
            f"{', '.join(repr(name) for name in FORMULATIONS)}."
        )
    sweep = Sweep(problem, solver, limits or Limits(), formulation, most_ties, reduce=reduce)
    solved = {budget: sweep.policy(budget) for budget in sorted({float(b) for b in budgets})}
    return [solved[float(budget)] for budget in budgets]


def solve_policy(
    transfers: Iterable[Transfer | Mapping[str, Any]] | Mapping[str, Any],
    budget: float = 6,
    *,
    solver: str | Solver = "auto",
    limits: Limits | None = None,
    formulation: Formulation = "strong",
    **options: Any,
) -> Policy:
    """Return the best policy under one budget.

    Args:
        transfers: records {target, sources, value} with, where known, gain, quality and cost; or
            a table with these columns, as a mapping or a pandas frame, where sources may be names
            joined by '+'. The one whose only source is its target is the supervised network.
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


class Sweep:
    """Solves budget after budget; the policy of a smaller one is a policy of every larger one."""

    def __init__(
        self,
        problem: UncheckedProblem,
        solver: Solver,
        limits: Limits,
        formulation: Formulation,
        most_ties: int,
        *,
        reduce: bool,
    ) -> None:
        if (advice := solver.missing()) is not None:
            raise SolverMissing(f"The solver {solver.name} is not installed.", advice=advice)
        self.problem = problem
        self.solver = solver
        self.limits = limits
        self.formulation = formulation
        self.most_ties = most_ties
        self.reduce = reduce and formulation == "strong"
        reduction = Reduction(problem)
        self._reduction = None if reduction.options.coupled else reduction
        self._best_so_far: int | None = None

    @cached_property
    def _whole(self) -> tuple[Instance, ConcreteModel]:
        instance = Instance(self.problem)
        return instance, build(instance, self.formulation)

    def policy(self, budget: float) -> Policy:
        """Return the policy of a budget that is not below those before it."""
        started = time.perf_counter()
        core = self._core(budget, started + self.limits.seconds)
        if core is None and self._cover_above(budget):
            assert self._reduction is not None
            message = too_small(self._reduction.options, self._cover, self._capacity(budget))
            seconds = time.perf_counter() - started
            return Policy(budget, "infeasible", seconds=seconds, message=message)
        if core is not None and core.settled and core.problem is not None:
            instance = Instance(core.problem)
            self._best_so_far = core.start
            found = FoundSet("optimal", core.start, core.bound)
            capacity = instance.capacity(budget)
            return _policy(instance, budget, found, capacity, time.perf_counter() - started)
        instance, model = self._program(core)
        set_budget(model, instance, budget)
        capacity = instance.capacity(budget)
        search = Search(instance, model, capacity, self.solver, self.limits, started)
        with started_from(model, instance, core.start if core else None):
            found = search.best()
        if found.status == "infeasible":
            message = why_infeasible(search, known=core is not None or self._known)
            return Policy(budget, "infeasible", seconds=search.seconds, message=message)
        if found.status == "error":
            return Policy(budget, "error", seconds=search.seconds, message=found.message)
        found = self._at_least_as_before(search, found, core)
        if found.mask is None:
            return Policy(
                budget, "unknown", bound=found.bound, seconds=search.seconds, message=found.message
            )
        mask, message = without_idle(instance, found.mask, capacity), found.message
        if found.status == "optimal" and self.most_ties:
            settled = settle_with_costs if instance.coupled else settle
            mask, message = settled(search, mask, self.most_ties)
        self._best_so_far = mask
        found = replace(found, mask=mask, message=message)
        return _policy(instance, budget, found, capacity, search.seconds)

    @property
    def _known(self) -> bool:
        return self._best_so_far is not None

    def _core(self, budget: float, until: float) -> Core | None:
        if self._reduction is None:
            return None
        capacity, known = self._capacity(budget), self._best_so_far
        if not self.reduce:
            return self._reduction.started(capacity, known)
        core = self._reduction.core(capacity, known, until)
        if core is not None:
            return core
        cover = self._cover
        if cover.inside is None or cover.cost is None or cover.cost > capacity:
            return None
        return self._reduction.core(capacity, self._reduction.options.mask(cover.inside), until)

    def _capacity(self, budget: float) -> int:
        assert self._reduction is not None
        return math.floor(exact(budget) * self._reduction.options.cost_scale)

    @cached_property
    def _cover(self) -> Cover:
        assert self._reduction is not None
        return cheapest_cover(self._reduction.options, self.solver, self.limits)

    def _cover_above(self, budget: float) -> bool:
        """Return whether the cheapest labels that serve every target are proven too dear."""
        if self._reduction is None or not self.reduce:
            return False
        return self._cover.at_least > self._capacity(budget)

    def _program(self, core: Core | None) -> tuple[Instance, ConcreteModel]:
        if core is None or core.problem is None:
            return self._whole
        instance = Instance(core.problem)
        return instance, build(instance)

    def _at_least_as_before(self, search: Search, found: FoundSet, core: Core | None) -> FoundSet:
        """Return what was found, or what was known before where that is better."""
        instance = search.instance
        before = core.start if core else self._best_so_far
        if before is None:
            return found
        then = standing(instance, before, search.capacity)[0]
        worth = instance.value(-then)
        slack = 1e-6 * max(abs(worth), search.model.value_unit)
        if found.bound is not None and found.bound < worth - slack:
            raise SolutionRejected(
                f"The solver {self.solver.name} claims the bound {found.bound!r}; "
                f"{', '.join(instance.names(before))} are worth {worth!r} and cost less.",
                advice=ADVICE,
            )
        bounds = [found.bound, core.bound if core else None]
        bound = min((b for b in bounds if b is not None), default=None)
        if found.mask is not None and standing(instance, found.mask, search.capacity)[0] <= then:
            worth = instance.value(-standing(instance, found.mask, search.capacity)[0])
            before, message = found.mask, found.message
        else:
            message = _NOT_BETTER
        bound = None if bound is None else max(bound, worth)
        status = search.status(worth, bound)
        return FoundSet(status, before, bound, "" if status == "optimal" else message)


def _policy(
    instance: Instance, budget: float, found: FoundSet, capacity: int, seconds: float
) -> Policy:
    assert found.mask is not None
    chosen = instance.served(found.mask, capacity)
    assert chosen is not None
    transfers = {target: option.transfer for target, option in chosen.items()}
    value = instance.value(sum(option.weight for option in chosen.values()))
    spent = instance.cost(found.mask) + sum(option.cost for option in chosen.values())
    return Policy(
        budget=budget,
        status=found.status,
        objective=value,
        bound=None if found.bound is None else max(found.bound, value),
        cost=float(Fraction(spent, instance.cost_scale)),
        supervised=instance.names(found.mask),
        transfers={target: transfer.sources for target, transfer in transfers.items()},
        mean_gain=mean(transfer.gain for transfer in transfers.values()),
        mean_quality=mean(transfer.quality for transfer in transfers.values()),
        seconds=seconds,
        message=found.message,
    )
