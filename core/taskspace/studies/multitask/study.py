"""The multitask study: train the same tasks under several schemes of sharing."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.learning.usable import check_installed
from taskspace.studies.multitask.job import MultitaskJob
from taskspace.studies.multitask.page.overview import multitask_page
from taskspace.studies.multitask.plan.cells import plan_of
from taskspace.studies.multitask.result.answer import multitask_answer
from taskspace.studies.multitask.result.model import MultitaskResult
from taskspace.studies.multitask.stages.train import train

if TYPE_CHECKING:
    import numpy as np


class Multitask(Study):
    """Which tasks should share which experts, and what it saves (Yan 2020, chapters 1 to 3)."""

    name: ClassVar[str] = "multitask"
    job_model: ClassVar[type[Job]] = MultitaskJob
    result_model: ClassVar[type[StudyResult] | None] = MultitaskResult
    stage_names: ClassVar[tuple[str, ...]] = ("train",)

    def stages(
        self, job: MultitaskJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield the one stage of the job: data, and a training a scheme, size and repetition."""
        plan = plan_of(job, planner)
        check_installed(plan.weighting, "weighting")
        trained = yield from train(plan)
        return multitask_answer(trained)

    def page(self, result: MultitaskResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return multitask_page(result, artifacts)
