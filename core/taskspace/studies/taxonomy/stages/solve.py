"""The third stage: the program of all admitted competitors, and its policies by budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from taskspace.components import Cell
from taskspace.studies.taxonomy.plan.policies import budgets_of, policy_problem
from taskspace.studies.taxonomy.plan.policy_cells import around_cell, solve_cell
from taskspace.studies.taxonomy.plan.renormalised import renormalised_problems
from taskspace.studies.taxonomy.plan.standings import standing_in, standings_of
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.stages.staged import Staged, staged


def solve(transferred: TaxonomyState) -> Staged:
    """Decide which tasks to label; nothing is asked for where there is nothing to decide."""
    problem = policy_problem(transferred, standings_of(transferred))
    if problem is None:
        return transferred
    job, planner = transferred.job, transferred.planner
    budgets = budgets_of(job.solve, problem)
    policies = solve_cell(job, planner, problem, budgets)
    renormalised = {
        normaliser: solve_cell(job, planner, valued, budgets, f"solve/policies/{normaliser}")
        for normaliser, valued in renormalised_problems(transferred, problem).items()
    }
    around = around_cell(job, planner, problem, policies)
    own_policies = tuple(_own_policies(transferred, budgets))
    solved = replace(
        transferred,
        problem=problem,
        budgets=budgets,
        solved=policies,
        renormalised=renormalised,
        around=around,
        own_policies=own_policies,
    )
    cells = [policies, *renormalised.values(), *([around] if around else []), *own_policies]
    return (yield from staged(solved, "solve", cells))


def _own_policies(transferred: TaxonomyState, budgets: Sequence[float]) -> Iterator[Cell]:
    """Yield what each of several repetitions would decide by itself."""
    if len(transferred.plans) == 1:
        return
    for position, plan in enumerate(transferred.plans):
        alone = {t: standing_in(transferred, t, position) for t in transferred.served_targets()}
        problem = policy_problem(transferred, alone)
        if problem is not None:
            name = f"solve/policies/seed-{plan.repetition}"
            yield solve_cell(plan.job, plan.planner, problem, budgets, name)
