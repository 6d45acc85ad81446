"""A job that solves a table of transfers, without training anything."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from taskspace.components import Answer, Cell, Finding, MissingCell, Outcomes, Planner, Stage
from taskspace.learning.study_state import StudyState
from taskspace.policy import PolicyProblem
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.plan.policies import budgets_of, decided
from taskspace.studies.taxonomy.plan.policy_cells import around_cell, null_cell, solve_cell
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import STATISTICS
from taskspace.studies.taxonomy.result.surroundings import (
    alternatives_table,
    budget_policies,
    failed_records,
    not_proven_findings,
    sensitivity_table,
)
from taskspace.studies.taxonomy.result.tables import policy_table
from taskspace.studies.taxonomy.table.affinities import TransferTable


@dataclass(frozen=True)
class SolvedTable(StudyState):
    """The program of a table, the cells that solve it, and their outcomes."""

    problem: PolicyProblem
    budgets: Sequence[float]
    solved: Cell
    around: Cell | None
    null: Cell | None = None


TableStage: TypeAlias = Generator[Stage, Outcomes, SolvedTable]


def published_stages(
    job: TaxonomyJob, planner: Planner, table: TransferTable
) -> Generator[Stage, Outcomes, Answer]:
    """Solve the table under each budget, then compare with random policies.

    Gain and quality are the table's own, measured by whoever made it on the images that chose its
    transfers: in-sample.
    """
    solved = yield from _solve(job, planner, table)
    compared = yield from _compare(job, planner, solved)
    return _answer(job, table, compared)


def _solve(job: TaxonomyJob, planner: Planner, table: TransferTable) -> TableStage:
    problem = decided(table.problem(rule=job.solve.rule), job.solve)
    budgets = budgets_of(job.solve, problem)
    solved = solve_cell(job, planner, problem, budgets)
    around = around_cell(job, planner, problem, solved)
    outcomes = yield Stage("solve", [solved, around] if around else [solved])
    return SolvedTable(outcomes, problem, budgets, solved, around)


def _compare(job: TaxonomyJob, planner: Planner, solved: SolvedTable) -> TableStage:
    """Compare with random policies, where each transfer has gain and quality."""
    policies = solved.record(solved.solved).get("policies", ())
    null = null_cell(job, planner, solved.problem, policies)
    measured = all(t.gain is not None and t.quality is not None for t in solved.problem.transfers)
    if null is None or not measured:
        return solved
    outcomes = yield Stage("solve", [null])
    return replace(solved, outcomes=outcomes, null=null)


def _answer(job: TaxonomyJob, table: TransferTable, solved: SolvedTable) -> Answer:
    # What could not be tried for want of policies is not told beside their failure.
    failures = tuple(each for each in solved.failures() if each.blocked_by is None)
    if solved.has(solved.solved):
        policies = budget_policies(
            [
                {**policy, "measured_on": "table"}
                for policy in solved.record(solved.solved)["policies"]
            ],
            solved.record(solved.around).get("policies"),
        )
    else:
        policies = failed_records(solved.budgets, failures[0])
    result = TaxonomyResult(
        study="taxonomy",
        name=job.name,
        seed=job.seed,
        table=table.record,
        policies=policies,
        null=solved.record(solved.null).get("budgets", []),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
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
            *table.findings,
            _in_sample(result),
            *not_proven_findings(result),
        ),
        failures=failures,
        solved=any(policy.objective is not None for policy in policies),
    )


def _in_sample(result: TaxonomyResult) -> Finding:
    """Say that what chose the labels cannot test them, and what a table does not hold."""
    known = [s for s in STATISTICS if any(p.by(s).mean is not None for p in result.policies)]
    if known:
        text = f"{' and '.join(known).capitalize()} {'are' if len(known) > 1 else 'is'} the table's"
        text += " own: in-sample."
    else:
        text = (
            "The objective is the table's own, in-sample: without gain or quality nothing says "
            "what the labels are worth."
        )
    return Finding("table-in-sample", "note", text)
