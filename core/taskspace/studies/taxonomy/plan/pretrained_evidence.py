"""What pretrained sources are worth beside labelled ones, on `test`: which cells compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskspace.components import Cell
from taskspace.studies.taxonomy.plan.cell_functions import COMPARE_POLICIES, COMPARE_SOURCES
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED
from taskspace.studies.taxonomy.plan.standings import Standing, standings_of
from taskspace.studies.taxonomy.plan.state import TaxonomyState, competitors_of


def compared_sources_cell(state: TaxonomyState) -> Cell | None:
    """Return, for each pretrained source, how it fares against what labels bring.

    Against the best labelled source, both by their first-order transfers; which one is best for a
    target follows from the affinities on `select`, and the target's own encoder is none. And
    against the target's own network. None where there is nothing to compare.
    """
    pairs: dict[str, dict[str, dict[str, str]]] = {}
    for target, standing in standings_of(state).items():
        labelled = best_labelled(state, target, standing)
        rivals = {"labelled": labelled} if labelled is not None else {}
        if SUPERVISED in standing.competitors:
            rivals["own"] = SUPERVISED
        if not rivals or not state.has(state.assessed.get(target)):
            continue
        for source in state.pretrained:
            if source in standing.competitors:
                pairs.setdefault(source, {})[target] = rivals
    if not pairs:
        return None
    inputs = {target: state.assessed[target] for found in pairs.values() for target in found}
    return state.cell("evaluate/pretrained", COMPARE_SOURCES, {"pairs": pairs}, inputs)


def best_labelled(state: TaxonomyState, target: str, standing: Standing) -> str | None:
    """Return the labelled source whose transfer into a target has the highest affinity."""
    others = {*state.labelled_sources} - {target}
    return next((name for name in standing.competitors if name in others), None)


def compared_policies_cell(state: TaxonomyState) -> Cell | None:
    """Return by how much policies differ in test gain and quality from those with less to use.

    None where there are no pretrained sources, or a target that one serves was not assessed.
    """
    triples = policy_triples(state)
    if not triples or not all(state.has(state.assessed[t]) for t in state.served_targets()):
        return None
    rows = [{name: competitors_of(one) for name, one in triple.items()} for triple in triples]
    targets = sorted({target for row in rows for policy in row.values() for target in policy})
    inputs = {target: state.assessed[target] for target in targets}
    return state.cell("evaluate/with-and-without", COMPARE_POLICIES, {"policies": rows}, inputs)


def policy_triples(state: TaxonomyState) -> list[dict[str, dict[str, Any]]]:
    """Return each budget's policy: `both`, with labels alone, with pretrained sources alone.

    In the names of the job, where all three could be had.
    """
    solved = {
        "both": state.solved,
        "labels": state.without_pretrained,
        "pretrained": state.without_labels,
    }
    by_kind: Mapping[str, dict[float, dict[str, Any]]] = {
        kind: {p["budget"]: p for p in state.named_policies(cell) if p["transfers"]}
        for kind, cell in solved.items()
        if state.pretrained
    }
    return [
        {kind: found[budget] for kind, found in by_kind.items()}
        for budget in by_kind.get("both", ())
        if all(budget in found for found in by_kind.values())
    ]
