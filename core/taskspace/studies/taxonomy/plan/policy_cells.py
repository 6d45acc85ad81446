"""The cells that decide which tasks to label, for a job that trains and for a table alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import JSON, Cell, Planner, Solver, stable_seed
from taskspace.policy import PolicyProblem
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.cell_functions import AROUND, RANDOM_POLICIES, SOLVE


def solve_cell(
    job: TaxonomyJob,
    planner: Planner,
    problem: PolicyProblem,
    budgets: Sequence[float],
    name: str = "solve/policies",
) -> Cell:
    """Return the policies of a program, one a budget."""
    return planner.cell(
        name,
        SOLVE,
        parameters={
            "problem": problem.as_json(),
            "budgets": list(budgets),
            "limits": _limits(job),
            "formulation": job.solve.formulation,
        },
        components={"solver": planner.component(job.solve.solver.spec(), Solver)},
    )


def around_cell(
    job: TaxonomyJob, planner: Planner, problem: PolicyProblem, solved: Cell
) -> Cell | None:
    """Return alternatives and sensitivity of a cell's policies; None if the job wants neither."""
    if not (job.solve.alternatives or job.solve.sensitivity):
        return None
    return planner.cell(
        "solve/around",
        AROUND,
        parameters={
            "problem": problem.as_json(),
            "limits": _limits(job),
            "alternatives": job.solve.alternatives,
            "sensitivity": job.solve.sensitivity,
        },
        components={"solver": planner.component(job.solve.solver.spec(), Solver)},
        inputs={"policies": solved},
    )


def null_cell(
    job: TaxonomyJob,
    planner: Planner,
    problem: PolicyProblem,
    policies: Sequence[Mapping[str, Any]],
) -> Cell | None:
    """Return how policies compare with random ones of the same cost.

    None if the job wants no random ones, or there is no policy.
    """
    solved = [
        {"budget": policy["budget"], "transfers": policy["transfers"]}
        for policy in policies
        if policy["transfers"]
    ]
    if not (job.solve.random_policies and solved):
        return None
    return planner.cell(
        "null/policies",
        RANDOM_POLICIES,
        parameters={
            "problem": problem.as_json(),
            "policies": solved,
            "count": job.solve.random_policies,
            "seed": stable_seed(job.seed, "null/policies"),
        },
    )


def _limits(job: TaxonomyJob) -> dict[str, JSON]:
    return {"seconds": job.solve.seconds, "seed": job.seed}
