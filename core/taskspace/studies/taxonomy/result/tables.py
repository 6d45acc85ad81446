"""The tables that the terminal and the report share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import Finding
from taskspace.components.page import Scalar, Table


def sanity_table(tasks: Sequence[Mapping[str, Any]]) -> Table:
    """Return how good the task networks are, as Table 1 of the paper."""
    rows: list[Sequence[Scalar]] = []
    for task in tasks:
        metrics, sanity = task["metrics"], task["sanity"]
        if not metrics or not sanity:
            continue
        rows.append(
            (
                task["name"],
                task["metric"],
                *(metrics.get(kind) for kind in ("supervised", "probe", "constant", "scratch")),
                *(_percent(sanity.get(rival)) for rival in ("probe", "constant")),
            )
        )
    return Table(
        "sanity",
        (
            "task",
            "metric",
            "supervised",
            "random",
            "constant",
            "scratch",
            "% beat random",
            "% beat constant",
        ),
        rows,
        "Task networks on test images; random: a decoder on a random encoder. % beat: the share of "
        "images on which the supervised network's loss is lower.",
    )


def transfer_table(result: Mapping[str, Any]) -> Table:
    """Return the best transfer into each target."""
    rows: list[Sequence[Scalar]] = []
    seen = set()
    for row in result["transfers"]:
        target = row["target"]
        if row["supervised"] or target in row["sources"] or target in seen:
            continue
        seen.add(target)
        rows.append(
            (
                target,
                " + ".join(row["sources"]),
                row["affinity"],
                *(_percent(row["test"].get(key)) for key in ("gain", "quality")),
            )
        )
    return Table(
        "best-transfers",
        ("target", "best sources", "affinity", "gain, %", "quality, %"),
        rows,
        "The transfer of highest affinity into each target; gain and quality on test images.",
    )


def policy_table(result: Mapping[str, Any]) -> Table:
    """Return the policies by budget, with the null where it was computed."""
    null = {row["budget"]: row for row in result.get("null", [])}
    rows: list[Sequence[Scalar]] = []
    for policy in result["policies"]:
        chance = null.get(policy["budget"], {})
        rows.append(
            (
                whole(policy["budget"]),
                status_with_gap(policy),
                ", ".join(policy["supervised"]) or None,
                policy["objective"],
                *marginal_objective(policy),
                *(
                    mean_with_interval(policy[f"mean_{name}"], policy.get(f"{name}_interval"))
                    for name in ("gain", "quality")
                ),
                *(_p_values(chance) if null else ()),
            )
        )
    marginal = ["per label"] if any("marginal" in policy for policy in result["policies"]) else []
    columns = [
        "budget",
        "program",
        "label",
        "objective",
        *marginal,
        "mean gain",
        "mean quality",
    ]
    return Table(
        "policies",
        (*columns, "p gain", "p quality") if null else tuple(columns),
        rows,
        "Which tasks to label under each budget. program: whether its optimum is proven, which "
        "says nothing about the labels. per label: what the objective gains for each unit of "
        "budget beyond the row before. gain: win rate against training from scratch; quality: "
        "against the fully supervised network (0.5 where it is that network); 95 % intervals over "
        "images, and over seeds where there are several. p: against random labels of the same "
        "cost, each target served by its best transfer.",
    )


def status_with_gap(policy: Mapping[str, Any]) -> str:
    """Return the status, with the gap where the policy may not be the best one."""
    status, gap = str(policy["status"]), policy.get("gap")
    if status == "optimal" or gap is None:
        return status
    return f"{status}, gap {100 * gap:.2g} %"


def marginal_objective(policy: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Return what the objective gains for each unit of budget; nothing for older results."""
    if "marginal" not in policy:
        return ()
    marginal = policy["marginal"]
    return (marginal["per_label"]["objective"] if marginal else None,)


def policy_findings(policies: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what a reader must know of single budgets: why there is no policy, which gap."""
    return [
        Finding("budget-not-proven", "warning", f"Budget {policy['budget']:g}: {policy['message']}")
        for policy in policies
        if policy["message"]
    ]


def whole(number: float) -> int | float:
    """Return a number as people write a budget: 2, not 2.000."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def mean_with_interval(mean: float | None, interval: Sequence[float] | None) -> str | None:
    """Return `0.61 [0.58, 0.64]`, the mean alone where it has no interval, None without either."""
    if mean is None:
        return None
    if interval is None:
        return f"{mean:.3f}"
    return f"{mean:.2f} [{interval[0]:.2f}, {interval[1]:.2f}]"


def _p_values(chance: Mapping[str, Any]) -> list[float | None]:
    """Return p against random sources with their best transfers, the harder null."""
    return [chance["best"][name]["p"] if chance else None for name in ("gain", "quality")]


def _percent(interval: Sequence[float] | None) -> int | None:
    return round(100 * interval[0]) if interval else None
