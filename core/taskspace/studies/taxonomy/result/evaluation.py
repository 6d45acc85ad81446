"""The evaluation in a result: by order, as novel tasks, and under other normalisers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskspace.components import Finding
from taskspace.studies.taxonomy.maths.floor import decoded
from taskspace.studies.taxonomy.maths.normalisers import policies_by_normaliser
from taskspace.studies.taxonomy.maths.novel import COMPETITORS
from taskspace.studies.taxonomy.plan.evaluation import (
    assessed_orders,
    best_novel_transfers,
)
from taskspace.studies.taxonomy.plan.state import TaxonomyState


def orders_section(known: TaxonomyState) -> list[dict[str, Any]]:
    """Return, for each order, every target's best transfer and the means on `test`."""
    measured = known.record(known.ordered).get("policies")
    if measured is None:
        return []
    sections = []
    for (order, served), means in zip(assessed_orders(known).items(), measured, strict=True):
        section: dict[str, Any] = {
            "order": order,
            "transfers": {target: list(sources) for target, sources in served.items()},
        }
        for statistic, interval in means.items():
            section[f"mean_{statistic}"] = interval[0] if interval else None
            section[f"{statistic}_interval"] = interval[1:] if interval else None
        sections.append(section)
    return sections


def novel_section(known: TaxonomyState) -> dict[str, Any] | None:
    """Return how each target fares as a new task with few labels, or None where none was tried."""
    measured = known.record(known.novel)
    if not measured:
        return None
    best = best_novel_transfers(known)
    return {
        "targets": [
            {
                "target": target,
                "sources": list(best[target]),
                "wins": _as_shown(found["wins"]),
                "losses": _as_shown(found["losses"]),
            }
            for target, found in measured["targets"].items()
        ],
        "mean_wins": _as_shown(measured["mean_wins"]),
    }


def _as_shown(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in COMPETITORS if name in found}


def normalisers_section(known: TaxonomyState) -> list[dict[str, Any]]:
    """Return which tasks each normaliser would supervise, by budget; empty if not compared."""
    if not known.has(known.solved) or not all(map(known.has, known.renormalised.values())):
        return []
    chosen = {known.job.normaliser: known.solved, **known.renormalised}
    return (
        policies_by_normaliser(
            {
                normaliser: [decoded(policy) for policy in known.record(cell)["policies"]]
                for normaliser, cell in chosen.items()
            }
        )
        if known.renormalised
        else []
    )


def evaluation_findings(result: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what a reader must know of the evaluation."""
    novel = result["novel"]
    if novel:
        wins = {name: found for name, found in novel["mean_wins"].items() if found}
        rates = ", ".join(
            f"{name} on {found[0]:.0%} [{found[1]:.0%}, {found[2]:.0%}]"
            for name, found in wins.items()
        )
        if rates:
            yield Finding(
                "novel-tasks",
                "note",
                f"Treated as new tasks with few labels, the {len(novel['targets'])} targets beat "
                f"these rivals on test images (mean over targets): {rates}.",
            )
    differing: dict[str, list[str]] = {}
    for row in result["normalisers"]:
        own, *others = row["supervised"].items()
        for name, chosen in others:
            if set(chosen) != set(own[1]):
                differing.setdefault(name, []).append(f"{row['budget']:g}")
    for name, budgets in differing.items():
        yield Finding(
            "normaliser-differs",
            "note",
            f"The normaliser {name} would have other tasks labelled at {len(budgets)} of "
            f"{len(result['normalisers'])} budgets ({', '.join(budgets)}).",
        )
