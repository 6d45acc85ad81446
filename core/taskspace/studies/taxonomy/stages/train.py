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
        ("supervised", entry.name): tuple(plan.supervised(entry.name) for plan in plans)
        for entry in first.entries
    }
    for entry in first.entries:
        if entry.is_target:
            networks["constant", entry.name] = tuple(plan.constant(entry.name) for plan in plans)
            networks["probe", entry.name] = tuple(plan.probe(entry.name) for plan in plans)
    state = TaxonomyState({}, plans, networks, first.counts())
    cells = [*first.data(), *by_repetition(networks.values()), state.counts]
    return (yield from staged(state, "train", cells))
