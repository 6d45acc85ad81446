"""The zero-shot study: recognise compositions that nobody labelled, by generated features."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.studies.zeroshot.job import ZeroshotJob
from taskspace.studies.zeroshot.page.overview import zeroshot_page
from taskspace.studies.zeroshot.plan.cells import plan_of
from taskspace.studies.zeroshot.result.answer import zeroshot_answer
from taskspace.studies.zeroshot.result.model import ZeroshotResult
from taskspace.studies.zeroshot.stages.prepare import prepare
from taskspace.studies.zeroshot.stages.train import train

if TYPE_CHECKING:
    import numpy as np


class Zeroshot(Study):
    """Which compositions a network recognises that it has no image of (Yan 2020, chapter 5)."""

    name: ClassVar[str] = "zeroshot"
    job_model: ClassVar[type[Job]] = ZeroshotJob
    result_model: ClassVar[type[StudyResult] | None] = ZeroshotResult
    stage_names: ClassVar[tuple[str, ...]] = ("prepare", "train")

    def stages(
        self, job: ZeroshotJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield compositions and features, then all trainings; return what they are worth."""
        plan = plan_of(job, planner)
        state = yield from prepare(plan)
        if until != "prepare" and state.is_described:
            state = yield from train(plan)
        return zeroshot_answer(state)

    def page(self, result: ZeroshotResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return zeroshot_page(result, artifacts)
