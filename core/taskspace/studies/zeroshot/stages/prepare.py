"""The first stage: which compositions are seen, vectors of their words, features of images."""

from __future__ import annotations

from collections.abc import Generator

from taskspace.components import Outcomes, Stage
from taskspace.studies.zeroshot.plan.cells import ZeroshotPlan
from taskspace.studies.zeroshot.plan.state import ZeroshotState


def prepare(plan: ZeroshotPlan) -> Generator[Stage, Outcomes, ZeroshotState]:
    """Find compositions and words, then make features of all images.

    Features of many images take long: without a word vector none is made.
    """
    encodings = plan.encodings()
    trained = {"trainings": len(plan.trials), "pictures": len(plan.maps)}
    outcomes = yield Stage("prepare", plan.descriptions(), {"features": len(encodings), **trained})
    state = ZeroshotState(outcomes, plan)
    if not state.is_described:
        return state
    outcomes = yield Stage("prepare", encodings, trained)
    return ZeroshotState(outcomes, plan)
