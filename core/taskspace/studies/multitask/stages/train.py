"""The one stage: examples are stored, and a network is trained a scheme, size and repetition."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.multitask.plan.cells import MultitaskPlan
from taskspace.studies.multitask.plan.state import MultitaskState


def train(plan: MultitaskPlan) -> Generator[Stage, Outcomes, MultitaskState]:
    """Train all networks of the plan."""
    outcomes = yield Stage("train", plan.cells())
    return MultitaskState(outcomes, plan)
