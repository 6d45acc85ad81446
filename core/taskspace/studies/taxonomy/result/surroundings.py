"""Beside each policy: what further labels bring, what could be supervised instead, what matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import Finding
from taskspace.components.page import Scalar, Table
from taskspace.policy import marginal_values
from taskspace.studies.taxonomy.result.tables import whole


def with_surroundings(
    policies: Sequence[Mapping[str, Any]], around: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Return the policies with `marginal`, and with `alternatives` and `sensitivity` if computed.

    Args:
        around: `Around` as records, one a policy, or None.
    """
    return [
        {**policy, "marginal": marginal, **beside}
        for policy, marginal, beside in zip(
            policies, marginal_values(policies), around or [{}] * len(policies), strict=True
        )
    ]


def surrounding_findings(policies: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what was not proven beside the policies."""
    return [
        Finding(
            f"{what}-not-proven",
            "warning",
            f"Budget {policy['budget']:g}, {what}: {beside['message']}",
        )
        for policy in policies
        for what in ("alternatives", "sensitivity")
        if (beside := policy.get(what)) and beside["message"]
    ]


def alternatives_table(policies: Sequence[Mapping[str, Any]]) -> Table:
    """Return the next best sets of every budget, as what they change."""
    rows = [
        (whole(policy["budget"]), *row) for policy in policies for row in alternative_rows(policy)
    ]
    return Table(
        "alternatives",
        ("budget", "instead of", "supervise", "objective", "lost, %"),
        rows,
        "The next best sets of supervised tasks, and the share of the objective that they lose. "
        "Tasks that change nothing are left out.",
    )


def alternative_rows(policy: Mapping[str, Any]) -> list[tuple[Scalar, ...]]:
    """Return, for each alternative, what it drops, what it adds, its objective and its loss."""
    chosen = set(policy["supervised"])
    rows: list[tuple[Scalar, ...]] = []
    for other in (policy.get("alternatives") or {"found": ()})["found"]:
        tasks = set(other["supervised"])
        rows.append(
            (
                ", ".join(sorted(chosen - tasks)) or None,
                ", ".join(sorted(tasks - chosen)) or None,
                other["objective"],
                percent_lost(other["lost"]),
            )
        )
    return rows


def sensitivity_table(policies: Sequence[Mapping[str, Any]]) -> Table:
    """Return, by task and budget, what deciding a task against the policy costs."""
    found = [policy for policy in policies if (policy.get("sensitivity") or {}).get("tasks")]
    by_task: dict[str, list[Scalar]] = {}
    for policy in found:
        for task in policy["sensitivity"]["tasks"]:
            by_task.setdefault(task["task"], []).append(_decision(task))
    return Table(
        "sensitivity",
        ("task", *(f"{policy['budget']:g}" for policy in found)),
        [(name, *cells) for name, cells in by_task.items()],
        "What deciding a task otherwise costs under each budget, in % of the objective. in: to "
        "supervise a task that the policy does not; out: to leave out one that it supervises.",
    )


def sensitivity_rows(policy: Mapping[str, Any]) -> list[tuple[Scalar, ...]]:
    """Return task, loss if forced in and if left out: first what is hardest to do without."""
    tasks = (policy.get("sensitivity") or {"tasks": ()})["tasks"]
    ranked = sorted(tasks, key=lambda task: (not task["supervised"], _rank(task), task["task"]))
    return [
        (task["task"], _loss_shown(task["forced_in"]), _loss_shown(task["left_out"]))
        for task in ranked
    ]


def percent_lost(lost: float | None) -> float | int | None:
    """Return a share in percent; a whole 0 is nothing at all, and not something very small."""
    if lost is None:
        return None
    return 100 * lost if lost else 0


def _decision(task: Mapping[str, Any]) -> str:
    kind, other = ("out", "left_out") if task["supervised"] else ("in", "forced_in")
    shown = _loss_shown(task[other])
    if isinstance(shown, float):
        shown = "< 0.01" if 0 < shown < 0.005 else f"{shown:.2f}"
    return f"{kind} {shown}"


def _loss_shown(forced: Mapping[str, Any]) -> Scalar:
    if forced["status"] == "infeasible":
        return "impossible"
    if forced["lost"] is None:
        return "unknown"
    percent = percent_lost(forced["lost"])
    return f"at most {percent:.2f}" if forced["status"] == "feasible" else percent


def _rank(task: Mapping[str, Any]) -> float:
    """Return what sorts supervised tasks from the dearest to lose, others from the cheapest."""
    forced = task["left_out"] if task["supervised"] else task["forced_in"]
    lost = float("inf") if forced["lost"] is None else float(forced["lost"])
    return -lost if task["supervised"] else lost
