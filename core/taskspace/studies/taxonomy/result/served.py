"""What each target gets under each policy, and how much of that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from taskspace.components import Failure
from taskspace.learning.statistics import holm
from taskspace.studies.taxonomy.maths.evidence import SIGNIFICANT
from taskspace.studies.taxonomy.maths.floor import FLOOR, decoded, decoded_around
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, competitor_name
from taskspace.studies.taxonomy.plan.policies import failed_policies
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.result.surroundings import with_surroundings

STABLE = 2 / 3
"""A label is stable where at least this share of the seeds chooses it."""


def policies_section(known: TaxonomyState) -> list[dict[str, Any]]:
    """Return each budget's policy; its means are of `test` as soon as that is measured.

    Beside what the program says: `free`, the labels that cost nothing; `not_served`, the targets
    that only their floor serves; `served`, what every target gets; `evidence` and `stability`.
    """
    failed = known.outcomes.get(known.solved.key) if known.solved else None
    if isinstance(failed, Failure):
        return failed_policies(known.budgets, failed.message)
    tested = iter(known.record(known.evaluated).get("policies", []))
    null = _null_p(known)
    policies = []
    for policy in known.solved_policies():
        means = next(tested, None) if policy["transfers"] else None
        on_test = {
            f"mean_{name}": interval[0] if interval else None
            for name, interval in (means or {}).items()
        }
        intervals = {
            f"{name}_interval": interval[1:] if interval else None
            for name, interval in (means or {}).items()
        }
        served = [served_row(known, t, s) for t, s in policy["transfers"].items()] if means else []
        labels = policy["supervised"]
        policies.append(
            {
                **policy,
                "measured_on": "test" if means else "select",
                **on_test,
                **intervals,
                "free": [name for name in labels if not known.entries[name].label_cost],
                "not_served": [t for t, sources in policy["transfers"].items() if not sources],
                "served": served,
                "evidence": _evidence(served, null.get(policy["budget"])) if means else None,
                "stability": _stability(known, policy["budget"], labels),
            }
        )
    around = known.record(known.around).get("policies")
    return with_surroundings(policies, around and [decoded_around(one) for one in around])


def served_row(known: TaxonomyState, target: str, sources: Sequence[str]) -> dict[str, Any]:
    """Return what a target gets from these sources, in its own metric, beside its rivals.

    `shown` says whether it is shown to be better than the floor; None where that was not judged.
    """
    assessed = known.record(known.assessed[target])
    rows = {name: row for row, name in enumerate(assessed["competitors"])}
    name = competitor_name(target, sources)
    comparison = _comparisons(known).get((target, name))
    metrics = assessed["metrics"]
    return {
        "target": target,
        "sources": list(sources),
        "metric_name": known.entries[target].task.metric,
        "metric": assessed["metric"][rows[name]],
        "own": metrics.get("supervised"),
        "constant": metrics.get("constant"),
        "scratch": metrics.get("scratch"),
        "shown": None if comparison is None else comparison["shown"],
        "own_is_best": name == SUPERVISED,
    }


def _comparisons(known: TaxonomyState) -> dict[tuple[str, str], Mapping[str, Any]]:
    found = known.record(known.evidence).get("comparisons", [])
    return {(row["target"], row["competitor"]): row for row in found}


def _null_p(known: TaxonomyState) -> dict[float, dict[str, float]]:
    """Return each budget's p against random labels, corrected too, and how many sets there are."""
    rows = {row["budget"]: row for row in known.record(known.null).get("budgets", [])}
    p = {budget: row["best"]["gain"]["p"] for budget, row in rows.items()}
    measured = {budget: value for budget, value in p.items() if value is not None}
    return {
        budget: {"p": p[budget], "p_holm": value, "sets": rows[budget]["source_sets"]}
        for budget, value in holm(measured).items()
    }


def _evidence(
    served: Sequence[Mapping[str, Any]], null: Mapping[str, float] | None
) -> dict[str, Any]:
    """Return what is shown of a policy: targets above their floor, labels above random ones."""
    above = [row["target"] for row in served if row["shown"]]
    better = null is not None and null["p_holm"] < SIGNIFICANT
    return {"above_floor": above, "random_labels": null, "above_random": better}


def _stability(known: TaxonomyState, budget: float, labels: Sequence[str]) -> dict[str, Any] | None:
    """Return for each label the share of seeds that choose it; None with one seed.

    A policy is stable where each of its labels is chosen by at least two thirds of the seeds.
    """
    chosen = [
        set(decoded(policy)["supervised"])
        for cell in known.own_policies
        for policy in known.record(cell).get("policies", [])
        if policy["budget"] == budget
    ]
    if len(chosen) < 2:
        return None
    names = sorted({*labels}.union(*chosen))
    shares = {name: sum(name in one for one in chosen) / len(chosen) for name in names}
    return {
        "seeds": len(chosen),
        "shares": shares,
        "stable": all(shares[name] >= STABLE for name in labels),
    }


def floor_of(known: TaxonomyState, target: str) -> dict[str, Any] | None:
    """Return what a target has at no cost: its kind, and its loss and metric on `test`."""
    records = known.tournament(target) if target in known.targets else []
    if not records:
        return None
    assessed = known.record(known.assessed.get(target))
    row = assessed["competitors"].index(FLOOR) if assessed else None
    return {
        "kind": standing(records).floor.kind,
        "loss": None if row is None else assessed["loss"][row],
        "metric": None if row is None else assessed["metric"][row],
    }
