"""Budgets in ascending order, each solved and checked."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from taskspace.components import Limits, Solver
from taskspace.errors import SolutionRejected, SolverMissing
from taskspace.policy.bounds.core_problem import Core, Reduction
from taskspace.policy.bounds.cover import Cover, cheapest_cover, least_costs
from taskspace.policy.decode import ADVICE
from taskspace.policy.model.admission import Formulation
from taskspace.policy.model.formulation import build, set_budget, started_from
from taskspace.policy.model.instance import Instance, exact
from taskspace.policy.model.names import listed_names
from taskspace.policy.model.problem import PolicyProblem
from taskspace.policy.result import Policy, mean
from taskspace.policy.search import Found, Search
from taskspace.policy.ties import settle, standing, without_idle
from taskspace.policy.ties_with_costs import settle_with_costs

if TYPE_CHECKING:
    from pyomo.environ import ConcreteModel

_NOT_BETTER = "The solver found nothing better in time than what it was started from."


class Sweep:
    """Solves budget after budget; the policy of a smaller one is a policy of every larger one."""

    def __init__(
        self,
        problem: PolicyProblem,
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
            message = self._too_small(budget)
            seconds = time.perf_counter() - started
            return Policy(budget, "infeasible", seconds=seconds, message=message)
        if core is not None and core.settled and core.problem is not None:
            instance = Instance(core.problem)
            self._best_so_far = core.start
            found = Found("optimal", core.start, core.bound)
            capacity = instance.capacity(budget)
            return _policy(instance, budget, found, capacity, time.perf_counter() - started)
        instance, model = self._program(core)
        set_budget(model, instance, budget)
        capacity = instance.capacity(budget)
        search = Search(instance, model, capacity, self.solver, self.limits, started)
        with started_from(model, instance, core.start if core else None):
            found = search.best()
        if found.status == "infeasible":
            message = _why_infeasible(search, known=core is not None or self._known)
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

    def _too_small(self, budget: float) -> str:
        assert self._reduction is not None
        options, cover = self._reduction.options, self._cover
        alone = least_costs(options) > self._capacity(budget)
        return _infeasible(
            [self.problem.targets[t] for t in np.flatnonzero(alone)],
            self.problem.required,
            required_too_dear=options.cost[options.required].sum() > self._capacity(budget),
            smallest=None if cover.cost is None else options.amount(cover.cost),
            proven=cover.proven,
        )

    def _program(self, core: Core | None) -> tuple[Instance, ConcreteModel]:
        if core is None or core.problem is None:
            return self._whole
        instance = Instance(core.problem)
        return instance, build(instance)

    def _at_least_as_before(self, search: Search, found: Found, core: Core | None) -> Found:
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
        return Found(status, before, bound, "" if status == "optimal" else message)


def _why_infeasible(search: Search, *, known: bool) -> str:
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


def _policy(
    instance: Instance, budget: float, found: Found, capacity: int, seconds: float
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
