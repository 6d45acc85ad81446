"""Beside each policy: what further labels bring, what could be supervised instead, what matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskspace.components import Failure, Finding
from taskspace.components.page import Scalar, Table
from taskspace.policy import Policy, marginal_values
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.result.policy_model import (
    BudgetPolicy,
    DecisionRecord,
    ForcedRecord,
)
from taskspace.studies.taxonomy.result.tables import whole


def budget_policies(
    policies: Sequence[Mapping[str, Any]], around: Sequence[Mapping[str, Any]] | None
) -> list[BudgetPolicy]:
    """Return the policies with `marginal`, and with `alternatives` and `sensitivity` if computed.

    Args:
        policies: the other fields of each, by name.
        around: `Around` as records, one a policy, or None.
    """
    return [
        BudgetPolicy.model_validate({**policy, "marginal": marginal, **beside})
        for policy, marginal, beside in zip(
            policies, marginal_values(policies), around or [{}] * len(policies), strict=True
        )
    ]


def failed_records(budgets: Sequence[float], failure: Failure) -> list[BudgetPolicy]:
    """Return what stands for the policies where the cell that solves has no result."""
    failed = [Policy(budget, "error", message=failure.message).as_json() for budget in budgets]
    return [BudgetPolicy.model_validate(policy | {"measured_on": None}) for policy in failed]


def not_proven_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Say why budgets have no policy, and what of policies and beside them is not proven."""
    for policy in result.policies:
        if policy.message:
            text = f"Budget {policy.budget:g}: {policy.message}"
            yield Finding("budget-not-proven", "warning", text)
    for policy in result.policies:
        beside = {"alternatives": policy.alternatives, "sensitivity": policy.sensitivity}
        for what, computed in beside.items():
            if computed and computed.message:
                text = f"Budget {policy.budget:g}, {what}: {computed.message}"
                yield Finding(f"{what}-not-proven", "warning", text)


def alternatives_table(policies: Sequence[BudgetPolicy]) -> Table:
    """Return the next best sets of every budget, as what they change."""
    rows = [(whole(policy.budget), *row) for policy in policies for row in alternative_rows(policy)]
    return Table(
        "alternatives",
        ("budget", "instead of", "supervise", "objective", "lost, %"),
        rows,
        "The next best sets of supervised tasks, and the share of the objective that they lose. "
        "Tasks that change nothing are left out.",
    )


def alternative_rows(policy: BudgetPolicy) -> list[tuple[Scalar, ...]]:
    """Return, for each alternative, what it drops, what it adds, its objective and its loss."""
    chosen = {*policy.supervised, *policy.pretrained}
    rows: list[tuple[Scalar, ...]] = []
    for other in policy.alternatives.found if policy.alternatives else ():
        tasks = set(other.supervised)
        rows.append(
            (
                ", ".join(sorted(chosen - tasks)) or None,
                ", ".join(sorted(tasks - chosen)) or None,
                other.objective,
                percent_lost(other.lost),
            )
        )
    return rows


def sensitivity_table(policies: Sequence[BudgetPolicy]) -> Table:
    """Return, by task and budget, what deciding a task against the policy costs."""
    budgets = []
    by_task: dict[str, list[Scalar]] = {}
    for policy in policies:
        if policy.sensitivity and policy.sensitivity.tasks:
            budgets.append(f"{policy.budget:g}")
            for task in policy.sensitivity.tasks:
                by_task.setdefault(task.task, []).append(_decision(task))
    return Table(
        "sensitivity",
        ("task", *budgets),
        [(name, *cells) for name, cells in by_task.items()],
        "What deciding a task otherwise costs under each budget, in % of the objective. in: to "
        "supervise a task that the policy does not; out: to leave out one that it supervises.",
    )


def sensitivity_rows(policy: BudgetPolicy) -> list[tuple[Scalar, ...]]:
    """Return task, loss if forced in and if left out: first what is hardest to do without."""
    tasks = policy.sensitivity.tasks if policy.sensitivity else ()
    ranked = sorted(tasks, key=lambda task: (not task.supervised, _rank(task), task.task))
    return [(task.task, _loss_shown(task.forced_in), _loss_shown(task.left_out)) for task in ranked]


def percent_lost(lost: float | None) -> float | int | None:
    """Return a share in percent; a whole 0 is nothing at all, and not something very small."""
    if lost is None:
        return None
    return 100 * lost if lost else 0


def _decision(task: DecisionRecord) -> str:
    shown = _loss_shown(task.other)
    if isinstance(shown, float):
        shown = "< 0.01" if 0 < shown < 0.005 else f"{shown:.2f}"
    return f"{'out' if task.supervised else 'in'} {shown}"


def _loss_shown(forced: ForcedRecord) -> Scalar:
    if forced.status == "infeasible":
        return "impossible"
    if forced.lost is None:
        return "unknown"
    percent = percent_lost(forced.lost)
    return f"at most {percent:.2f}" if forced.status == "feasible" else percent


def _rank(task: DecisionRecord) -> float:
    """Return what sorts supervised tasks from the dearest to lose, others from the cheapest."""
    lost = float("inf") if task.other.lost is None else float(task.other.lost)
    return -lost if task.supervised else lost
