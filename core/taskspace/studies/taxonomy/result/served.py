"""What each target gets under each policy, and how much of that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskspace.components import Failure
from taskspace.learning.statistics import holm
from taskspace.studies.taxonomy.maths.evidence import SIGNIFICANT
from taskspace.studies.taxonomy.maths.floor import FLOOR, decoded_around
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, competitor_name
from taskspace.studies.taxonomy.plan.standings import standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState, competitors_of
from taskspace.studies.taxonomy.result.evaluation import mean_rates
from taskspace.studies.taxonomy.result.model import FloorRecord, HeldBackScores
from taskspace.studies.taxonomy.result.policy_model import (
    BudgetPolicy,
    PolicyEvidence,
    RandomLabels,
    ServedRecord,
    StabilityRecord,
)
from taskspace.studies.taxonomy.result.surroundings import budget_policies, failed_records

STABLE = 2 / 3
"""A label is stable where at least this share of the seeds chooses it."""


def policy_records(known: TaxonomyState) -> list[BudgetPolicy]:
    """Return each budget's policy; its means are of `test` as soon as that is measured.

    Beside what the program says: `free`, the labels that cost nothing; `not_served`, the targets
    that only their floor serves; `served`, what every target gets; `evidence` and `stability`.
    """
    failed = known.outcomes.get(known.solved.key) if known.solved else None
    if isinstance(failed, Failure):
        return failed_records(known.budgets, failed)
    tested = iter(known.record(known.evaluated).get("policies", []))
    null = _null_p(known)
    comparisons = {
        (row["target"], row["competitor"]): row["shown"]
        for row in known.record(known.evidence).get("comparisons", [])
    }
    policies = []
    for policy in known.solved_policies():
        budget, labels, transfers = policy["budget"], policy["supervised"], policy["transfers"]
        means = next(tested, None) if transfers else None
        served = [
            _served(known, target, sources, comparisons)
            for target, sources in (transfers if means else {}).items()
        ]
        policies.append(
            {
                **policy,
                "measured_on": "test" if means else "select",
                **mean_rates(means or {}),
                "free": [name for name in labels if not known.entries[name].label_cost],
                "not_served": [target for target, sources in transfers.items() if not sources],
                "served": served,
                "evidence": _evidence(served, null.get(budget)) if means else None,
                "stability": _stability(known, budget, labels),
            }
        )
    around = known.record(known.around).get("policies")
    return budget_policies(policies, around and [decoded_around(one) for one in around])


def _served(
    known: TaxonomyState,
    target: str,
    sources: Sequence[str],
    comparisons: Mapping[tuple[str, str], bool],
) -> ServedRecord:
    """Return what a target gets from these sources, in its own metric, beside its rivals.

    Args:
        comparisons: whether a target's competitor is shown to be better than scratch and than the
            constant, where that was judged.
    """
    name = competitor_name(target, sources)
    metrics = known.record(known.assessed[target])["metrics"]
    return ServedRecord(
        target=target,
        sources=list(sources),
        metric_name=known.entries[target].task.metric,
        metric=held_back(known, target, name).metric,
        own=metrics.get("supervised"),
        constant=metrics.get("constant"),
        scratch=metrics.get("scratch"),
        shown=comparisons.get((target, name)),
        own_is_best=name == SUPERVISED,
    )


def _null_p(known: TaxonomyState) -> dict[float, RandomLabels]:
    """Return each budget's p against random labels, corrected too, and how many sets there are.

    Budgets that buy the same labels for the same transfers are one claim and one test.
    """
    rows = {row["budget"]: row for row in known.record(known.null).get("budgets", [])}
    p = {budget: row["best"]["gain"]["p"] for budget, row in rows.items()}
    policies = {
        policy["budget"]: frozenset(competitors_of(policy).items())
        for policy in known.solved_policies()
    }
    measured = {policies[budget]: value for budget, value in p.items() if value is not None}
    corrected = holm(measured)
    return {
        budget: RandomLabels(
            p=value, p_holm=corrected[policies[budget]], sets=rows[budget]["source_sets"]
        )
        for budget, value in p.items()
        if value is not None
    }


def _evidence(served: Sequence[ServedRecord], null: RandomLabels | None) -> PolicyEvidence:
    """Return what is shown of a policy: of its targets, and of its labels against random ones."""
    return PolicyEvidence(
        above_floor=[row.target for row in served if row.shown],
        random_labels=null,
        above_random=null is not None and null.p_holm < SIGNIFICANT,
    )


def _stability(
    known: TaxonomyState, budget: float, labels: Sequence[str]
) -> StabilityRecord | None:
    """Return for each label the share of seeds that choose it; None with one seed.

    A policy is stable where each of its labels is chosen by at least two thirds of the seeds.
    """
    chosen = [
        set(policy["supervised"])
        for cell in known.own_policies
        for policy in known.named_policies(cell)
        if policy["budget"] == budget
    ]
    if len(chosen) < 2:
        return None
    names = sorted({*labels}.union(*chosen))
    shares = {name: sum(name in one for one in chosen) / len(chosen) for name in names}
    stable = all(shares[name] >= STABLE for name in labels)
    return StabilityRecord(seeds=len(chosen), shares=shares, stable=stable)


def floor_record(known: TaxonomyState, target: str) -> FloorRecord | None:
    """Return what a target has at no cost: its kind, and its loss and metric on `test`."""
    records = known.tournament(target) if target in known.targets else []
    if not records:
        return None
    scores = held_back(known, target, FLOOR)
    kind = standing(records).floor.kind
    return FloorRecord(
        kind=kind,
        loss=scores.loss,
        metric=scores.metric,
        gain=scores.gain and scores.gain[0],
        quality=scores.quality and scores.quality[0],
    )


def held_back(known: TaxonomyState, target: str, competitor: str) -> HeldBackScores:
    """Return what a competitor for a target is worth on `test`; empty before it is tested."""
    assessed = known.record(known.assessed.get(target))
    if competitor not in assessed.get("competitors", ()):
        return HeldBackScores()
    row = assessed["competitors"].index(competitor)
    names = ("gain", "quality", "loss", "metric")
    return HeldBackScores(**{name: assessed[name][row] for name in names})
