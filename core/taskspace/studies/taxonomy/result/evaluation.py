"""The evaluation in a result: by order, as novel tasks, and under other normalisers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taskspace.components import Finding
from taskspace.studies.taxonomy.maths.novel import COMPETITORS
from taskspace.studies.taxonomy.plan.evaluation import (
    assessed_orders,
    best_novel_transfers,
)
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.result.model import (
    NormaliserRecord,
    NovelRecord,
    NovelTarget,
    OrderRecord,
    TaxonomyResult,
)


def order_records(known: TaxonomyState) -> list[OrderRecord]:
    """Return, for each order, every target's best transfer and the means on `test`."""
    measured = known.record(known.ordered).get("policies")
    if measured is None:
        return []
    return [
        OrderRecord.model_validate({"order": order, "transfers": served, **mean_rates(means)})
        for (order, served), means in zip(assessed_orders(known).items(), measured, strict=True)
    ]


def mean_rates(means: Mapping[str, Sequence[float] | None]) -> dict[str, Any]:
    """Return the fields of a record that hold these means: statistic to mean, low and high."""
    return {
        name: value
        for statistic, interval in means.items()
        for name, value in (
            (f"mean_{statistic}", interval[0] if interval else None),
            (f"{statistic}_interval", interval[1:] if interval else None),
        )
    }


def novel_record(known: TaxonomyState) -> NovelRecord | None:
    """Return how each target fares as a new task with few labels, or None where none was tried."""
    measured = known.record(known.novel)
    if not measured:
        return None
    best = best_novel_transfers(known)
    return NovelRecord(
        targets=[
            NovelTarget(
                target=target,
                sources=list(best[target]),
                wins=_as_shown(found["wins"], known.pretrained),
                losses=_as_shown(found["losses"], known.pretrained),
            )
            for target, found in measured["targets"].items()
        ],
        mean_wins=_as_shown(measured["mean_wins"], known.pretrained),
    )


def _as_shown(found: Mapping[str, Any], pretrained: Iterable[str]) -> dict[str, Any]:
    """Return what belongs to each competitor, pretrained sources before full supervision."""
    *first, supervised = COMPETITORS
    names = (*first, *pretrained, supervised)
    return {name: found[name] for name in names if name in found}


def normaliser_records(known: TaxonomyState) -> list[NormaliserRecord]:
    """Return which tasks each normaliser would supervise, by budget; empty if not compared."""
    chosen = {known.job.normaliser: known.solved, **known.renormalised}
    if not known.renormalised or not all(map(known.has, chosen.values())):
        return []
    policies = {normaliser: known.named_policies(cell) for normaliser, cell in chosen.items()}
    return [NormaliserRecord.model_validate(row) for row in policies_by_normaliser(policies)]


def evaluation_findings(result: TaxonomyResult) -> Iterator[Finding]:
    """Yield what a reader must know of the evaluation."""
    if result.novel:
        rates = ", ".join(
            f"{name} on {found[0]:.0%} [{found[1]:.0%}, {found[2]:.0%}]"
            for name, found in result.novel.mean_wins.items()
            if found
        )
        if rates:
            yield Finding(
                "novel-tasks",
                "note",
                f"Treated as new tasks with few labels, the {len(result.novel.targets)} targets "
                f"beat these rivals on test images (mean over targets): {rates}.",
            )
    differing: dict[str, list[str]] = {}
    for row in result.normalisers:
        own, *others = row.supervised.items()
        for name, chosen in others:
            if set(chosen) != set(own[1]):
                differing.setdefault(name, []).append(f"{row.budget:g}")
    for name, budgets in differing.items():
        yield Finding(
            "normaliser-differs",
            "note",
            f"The normaliser {name} would have other tasks labelled at {len(budgets)} of "
            f"{len(result.normalisers)} budgets ({', '.join(budgets)}).",
        )


def policies_by_normaliser(
    chosen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[dict[str, object]]:
    """Return which tasks each normaliser would supervise, by budget that all have a policy for.

    Args:
        chosen: normaliser to its policies, one a budget.
    """
    by_budget = {
        normaliser: {p["budget"]: p["supervised"] for p in policies if p["transfers"]}
        for normaliser, policies in chosen.items()
    }
    budgets = [set(found) for found in by_budget.values()]
    return [
        {"budget": budget, "supervised": {name: found[budget] for name, found in by_budget.items()}}
        for budget in sorted(set.intersection(*budgets) if budgets else ())
    ]
