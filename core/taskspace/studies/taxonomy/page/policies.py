"""One budget on the report: who is supervised, what that is worth, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskspace.components.page import PolicyView, Table
from taskspace.studies.taxonomy.result.surroundings import alternative_rows, sensitivity_rows
from taskspace.studies.taxonomy.result.tables import whole

_MEASURED = {
    "test": "on test images that decided nothing",
    "select": "on the images that chose it (in-sample)",
    "table": "as the table says (in-sample)",
}


def policy_view(result: Mapping[str, Any], policy: Mapping[str, Any]) -> PolicyView:
    """Return a policy with its numbers and, where they were computed, its surroundings."""
    tables = (_alternatives(policy), _sensitivity(policy))
    return PolicyView(
        f"{policy['budget']:g}",
        policy["supervised"],
        policy["transfers"],
        free=policy.get("free", ()),
        figures=_figures(result, policy),
        tables=[table for table in tables if table.rows],
    )


def _figures(result: Mapping[str, Any], policy: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    null = next((row for row in result.get("null", ()) if row["budget"] == policy["budget"]), None)
    where = _MEASURED[policy["measured_on"]]
    figures = [*_evidence(policy), *_stability(policy)]
    figures.append(("objective", f"{policy['objective']:.3f}", _how_good(policy)))
    marginal = policy.get("marginal")
    if marginal:
        figures.append(
            (
                "per further label",
                f"{marginal['per_label']['objective']:+.3f}",
                f"of the objective, since budget {whole(marginal['from'])}",
            )
        )
    for statistic, meaning in (
        ("gain", f"win rate against scratch, {where}"),
        ("quality", "win rate against full supervision; 50 % is as good"),
    ):
        figures.append((f"mean {statistic}", _share(policy[f"mean_{statistic}"]), meaning))
        if null and null["best"][statistic]["p"] is not None:
            figures.append(
                (
                    f"p, {statistic}",
                    f"{null['best'][statistic]['p']:.3f}",
                    "against random sources, best transfers",
                )
            )
    return figures


def _evidence(policy: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield how many targets are shown to get more than their floor; nothing for a table."""
    evidence = policy.get("evidence")
    if evidence:
        yield (
            "evidence",
            f"{len(evidence['above_floor'])} of {len(policy['transfers'])}",
            "targets shown to get more than scratch or a constant gives them",
        )


def _stability(policy: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield whether seeds agree on the labels; nothing where there is one seed or a table."""
    stability = policy.get("stability")
    if stability:
        shares = [stability["shares"][name] for name in policy["supervised"]]
        yield (
            "stability",
            "stable" if stability["stable"] else "unstable",
            f"the least agreed label is chosen by {min(shares, default=1):.0%} of "
            f"{stability['seeds']} seeds",
        )


def _how_good(policy: Mapping[str, Any]) -> str:
    """Return what is proven of the program, which says nothing about the labels."""
    if policy["status"] == "optimal":
        return "of the program, solved to proven optimality"
    gap = policy.get("gap")
    if gap is None:
        return f"{policy['status']}, with no bound"
    return f"{policy['status']}: at most {100 * gap:.2g} % below the best"


def _alternatives(policy: Mapping[str, Any]) -> Table:
    return Table(
        f"alternatives-budget-{policy['budget']:g}",
        ("instead of", "supervise", "lost, %"),
        [(dropped, added, lost) for dropped, added, _, lost in alternative_rows(policy)],
        "The next best sets, and the share of the objective that they lose",
        digits=2,
    )


def _sensitivity(policy: Mapping[str, Any]) -> Table:
    return Table(
        f"sensitivity-budget-{policy['budget']:g}",
        ("task", "forced in", "left out"),
        sensitivity_rows(policy),
        "What deciding a task beforehand costs, in % of the objective",
        digits=2,
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.0f} %"
