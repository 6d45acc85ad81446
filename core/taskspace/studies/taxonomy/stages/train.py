"""The first stage: examples are stored, and the task networks and their baselines are trained."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace.studies.taxonomy.plan.cells import TaxonomyPlan
from taskspace.studies.taxonomy.plan.state import TaxonomyState, by_repetition
from taskspace.studies.taxonomy.stages.staged import Staged, staged


def train(plans: Sequence[TaxonomyPlan]) -> Staged:
    """Train a network of each task, and of each target the constant and a random encoder's."""
    first = plans[0]
    networks = {
        ("supervised", name): tuple(plan.supervised(name) for plan in plans)
        for name in first.entries
    }
    for name, entry in first.entries.items():
        if entry.is_target:
            networks["constant", name] = tuple(plan.constant(name) for plan in plans)
            networks["probe", name] = tuple(plan.probe(name) for plan in plans)
    state = TaxonomyState({}, plans, networks, first.counts())
    cells = [*first.data(), *by_repetition(networks.values()), state.counts]
    return (yield from staged(state, "train", cells))
