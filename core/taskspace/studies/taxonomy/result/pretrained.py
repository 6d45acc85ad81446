"""Pretrained sources in a result: what was measured of them, as records."""

from __future__ import annotations

from collections.abc import Iterable

from taskspace.studies.taxonomy.plan.pretrained_evidence import policy_triples
from taskspace.studies.taxonomy.plan.state import TaxonomyState
from taskspace.studies.taxonomy.result.pretrained_model import (
    PretrainedRecord,
    PretrainedSourceRecord,
    WithAndWithout,
)


def pretrained_record(known: TaxonomyState) -> PretrainedRecord | None:
    """Return what the pretrained sources are worth as far as it is measured; None without any."""
    if not known.pretrained:
        return None
    compared = {
        row["source"]: row for row in known.record(known.compared_sources).get("sources", [])
    }
    sources = [
        PretrainedSourceRecord.model_validate(
            {
                "name": name,
                "encoder": source.encoder.name,
                "starts_from": source.encoder.starts_from(),
                "trained": source.encoder.trained,
                "licence": source.encoder.licence(),
                "label_cost": source.label_cost,
                "targets": compared.get(name, {}).get("targets", []),
                "mean_wins": compared.get(name, {}).get("mean_wins"),
                "mean_own_wins": compared.get(name, {}).get("mean_own_wins"),
            }
        )
        for name, source in known.pretrained.items()
    ]
    return PretrainedRecord(sources=sources, budgets=_budgets(known))


def _budgets(known: TaxonomyState) -> list[WithAndWithout]:
    measured = known.record(known.compared_policies).get("budgets")
    if measured is None:
        return []
    return [
        WithAndWithout.model_validate(
            {
                "budget": triple["both"]["budget"],
                "labels": _paid(known, triple["both"]["supervised"]),
                "labels_without": _paid(known, triple["labels"]["supervised"]),
                **rates,
            }
        )
        for triple, rates in zip(policy_triples(known), measured, strict=True)
    ]


def _paid(known: TaxonomyState, labels: Iterable[str]) -> list[str]:
    return [name for name in labels if known.cost_of(name)]
