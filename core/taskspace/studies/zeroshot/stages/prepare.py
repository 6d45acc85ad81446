"""The first stage: which compositions are seen, vectors of their words, features of images."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.zeroshot.plan.cells import ZeroshotPlan
from taskspace.studies.zeroshot.plan.state import ZeroshotState


def prepare(plan: ZeroshotPlan) -> Generator[Stage, Outcomes, ZeroshotState]:
    """Find compositions and words, and make features of all images."""
    upcoming = {"trainings": len(plan.trials), "pictures": len(plan.maps)}
    outcomes = yield Stage("prepare", plan.preparation(), upcoming)
    return ZeroshotState(outcomes, plan)
