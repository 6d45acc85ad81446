"""The third stage: the program of all admitted competitors, and its policies by budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from taskspace.components import Cell
from taskspace.policy import PolicyProblem, coefficient_value, measured_by
from taskspace.studies.taxonomy.maths.floor import FLOOR, task_of
from taskspace.studies.taxonomy.maths.tournament import Normaliser, affinities
from taskspace.studies.taxonomy.plan.competitors import competitor_name
from taskspace.studies.taxonomy.plan.policies import (
    budgets_of,
    policy_problem,
    with_labels_alone,
    with_pretrained_alone,
)
from taskspace.studies.taxonomy.plan.policy_cells import around_cell, solve_cell
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
        for normaliser, valued in _renormalised(transferred, problem).items()
    }
    around = around_cell(job, planner, problem, policies)
    apart: tuple[Cell, ...] = ()
    if transferred.pretrained:
        apart = tuple(
            solve_cell(job, planner, program(transferred, problem), budgets, f"solve/{name}")
            for name, program in (
                ("without-pretrained", with_labels_alone),
                ("without-labels", with_pretrained_alone),
            )
        )
    own_policies = tuple(_own_policies(transferred, budgets))
    solved = replace(
        transferred,
        problem=problem,
        budgets=budgets,
        solved=policies,
        renormalised=renormalised,
        without_pretrained=apart[0] if apart else None,
        without_labels=apart[1] if apart else None,
        around=around,
        own_policies=own_policies,
    )
    cells = [policies, *renormalised.values(), *apart, around, *own_policies]
    return (yield from staged(solved, "solve", cells))


def _renormalised(state: TaxonomyState, problem: PolicyProblem) -> dict[str, PolicyProblem]:
    """Return the job's program valued by each of the other normalisers, where it wants them.

    Empty where its coefficient is made from no affinity. The sources that the higher orders combine
    stay those that the job's own normaliser chose.
    """
    job = state.job
    coefficient = job.solve.coefficient
    if not job.solve.compare_normalisers or measured_by(coefficient) != "affinity":
        return {}
    others: list[Normaliser] = [n for n in get_args(Normaliser) if n != job.normaliser]
    problems: dict[str, PolicyProblem] = {}
    for normaliser in others:
        strengths = {t: _strengths(state, t, normaliser) for t in state.served_targets()}
        transfers = list(problem.transfers)
        for position, transfer in enumerate(transfers):
            if transfer.sources != (FLOOR,):
                name = competitor_name(transfer.target, transfer.sources)
                value = coefficient_value(coefficient, strengths[task_of(transfer.target)][name])
                transfers[position] = replace(transfer, value=value)
        problems[normaliser] = replace(problem, transfers=tuple(transfers))
    return problems


def _strengths(state: TaxonomyState, target: str, normaliser: Normaliser) -> dict[str, float]:
    """Return the affinity of each competitor for a target, the mean over the repetitions."""
    stored = state.every(state.tournaments[target])
    found = [affinities(one.array("win_rates"), normaliser) for one in stored]
    return dict(zip(state.competitors(target), np.mean(found, axis=0).tolist(), strict=True))


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
