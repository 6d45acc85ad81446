"""The first stage: images and labels are stored, and tasks are found."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.discovery.plan.cells import DiscoveryPlan
from taskspace.studies.discovery.plan.state import DiscoveryState


def search(plan: DiscoveryPlan) -> Generator[Stage, Outcomes, DiscoveryState]:
    """Run every search, and make the labels of every control."""
    upcoming = {"judge": sum(map(len, plan.judges.values())), "split": len(plan.trials)}
    stage = Stage("search", plan.searched(), {n: count for n, count in upcoming.items() if count})
    outcomes = yield stage
    return DiscoveryState(outcomes, plan)
