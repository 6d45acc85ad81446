"""The one stage: examples are stored, and a network is trained an arm, size and repetition."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.cotraining.plan.cells import CotrainingPlan
from taskspace.studies.cotraining.plan.state import CotrainingState


def train(plan: CotrainingPlan) -> Generator[Stage, Outcomes, CotrainingState]:
    """Train all networks of the plan."""
    outcomes = yield Stage("train", plan.cells())
    return CotrainingState(outcomes, plan)
