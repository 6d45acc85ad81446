"""A job that solves a table of transfers, without training anything."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from taskspace.components import Answer, Failure, Finding, Outcomes, Planner, Stage
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.policies import budgets_of, decided, failed_policies
from taskspace.studies.taxonomy.plan.policy_cells import around_cell, null_cell, solve_cell
from taskspace.studies.taxonomy.result.surroundings import (
    alternatives_table,
    sensitivity_table,
    surrounding_findings,
    with_surroundings,
)
from taskspace.studies.taxonomy.result.tables import policy_findings, policy_table
from taskspace.studies.taxonomy.table.affinities import TransferTable, read_table


def published_stages(job: TaxonomyJob, planner: Planner) -> Generator[Stage, Outcomes, Answer]:
    """Solve the table under each budget, then compare with random policies.

    Gain and quality are the table's own, measured by whoever made it on the images that chose its
    transfers: in-sample.
    """
    if job.affinities is None:
        raise TypeError("A job without a table has nothing to solve.")
    table = read_table(job.affinities)
    problem = decided(table.problem(rule=job.solve.rule), job.solve)
    budgets = budgets_of(job.solve, problem)
    solving = solve_cell(job, planner, problem, budgets)
    looking = around_cell(job, planner, problem, solving)
    outcomes = yield Stage("solve", [solving, looking] if looking else [solving])
    solved = outcomes[solving.key]
    if isinstance(solved, Failure):
        return _answer(job, table, failed_policies(budgets, solved.message), [], (solved,))
    around = outcomes[looking.key] if looking else None
    failures = (around,) if isinstance(around, Failure) else ()
    policies = with_surroundings(
        [{**policy, "measured_on": "table"} for policy in solved.record["policies"]],
        None if around is None or isinstance(around, Failure) else around.record["policies"],
    )
    found = [policy for policy in policies if policy["transfers"]]
    measured = all(t.gain is not None and t.quality is not None for t in problem.transfers)
    if not (job.solve.random_policies and found and measured):
        return _answer(job, table, policies, [], failures)
    comparing = null_cell(
        job,
        planner,
        {
            "problem": problem.as_json(),
            "policies": [
                {"budget": policy["budget"], "transfers": policy["transfers"]} for policy in found
            ],
            "count": job.solve.random_policies,
        },
    )
    outcomes = yield Stage("solve", [comparing])
    compared = outcomes[comparing.key]
    if isinstance(compared, Failure):
        return _answer(job, table, policies, [], (*failures, compared))
    return _answer(job, table, policies, compared.record["budgets"], failures)


def _answer(
    job: TaxonomyJob,
    table: TransferTable,
    policies: list[dict[str, Any]],
    null: list[Mapping[str, Any]],
    failures: tuple[Failure, ...],
) -> Answer:
    result = {
        "study": "taxonomy",
        "name": job.name,
        "seed": job.seed,
        "table": {
            "transfers": table.number_of_transfers,
            "targets": list(table.targets),
            "sources": list(table.sources),
            "left_out": dict(table.dropped),
        },
        "policies": policies,
        "null": null,
        "missing": [{"cell": f.cell.name, "message": f.message} for f in failures],
    }
    return Answer(
        result=result,
        tables=tuple(
            drawn
            for drawn in (
                policy_table(result),
                alternatives_table(policies),
                sensitivity_table(policies),
            )
            if drawn.rows
        ),
        findings=(
            Finding("table-in-sample", "note", "Gain and quality are the table's own: in-sample."),
            *policy_findings(policies),
            *surrounding_findings(policies),
        ),
        failures=failures,
        solved=any(policy["objective"] is not None for policy in policies),
    )
