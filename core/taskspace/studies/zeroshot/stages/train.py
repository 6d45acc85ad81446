"""The second stage: generators, classifiers, oracle and controls, and pictures of what was made."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.zeroshot.plan.cells import ZeroshotPlan
from taskspace.studies.zeroshot.plan.state import ZeroshotState


def train(plan: ZeroshotPlan) -> Generator[Stage, Outcomes, ZeroshotState]:
    """Train and test all methods of the plan."""
    outcomes = yield Stage("train", [*plan.trials.values(), *plan.examples, *plan.maps.values()])
    return ZeroshotState(outcomes, plan)
