"""Policies for a sweep of budgets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from taskspace.components import ComponentSpec, Limits, Solver
from taskspace.errors import InputError
from taskspace.policy.model.admission import FORMULATIONS, Formulation
from taskspace.policy.model.problem import PolicyProblem
from taskspace.policy.model.transfer import Transfer
from taskspace.policy.result import Policy

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
    from taskspace.policy.sweep import Sweep  # noqa: PLC0415  NumPy

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
