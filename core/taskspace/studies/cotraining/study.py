"""The co-training study: a central task helped by labels that come for free, or not helped."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.studies.cotraining.job import CotrainingJob
from taskspace.studies.cotraining.page.overview import cotraining_page
from taskspace.studies.cotraining.plan.cells import plan_of
from taskspace.studies.cotraining.result.answer import cotraining_answer
from taskspace.studies.cotraining.result.model import CotrainingResult
from taskspace.studies.cotraining.stages.train import train

if TYPE_CHECKING:
    import numpy as np


class Cotraining(Study):
    """Whether auxiliary tasks with free labels help a central task (Yan 2020, chapter 4)."""

    name: ClassVar[str] = "cotraining"
    job_model: ClassVar[type[Job]] = CotrainingJob
    result_model: ClassVar[type[StudyResult] | None] = CotrainingResult
    stage_names: ClassVar[tuple[str, ...]] = ("train",)

    def stages(
        self, job: CotrainingJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield the one stage of the job: a training an arm, number of labels and repetition."""
        state = yield from train(plan_of(job, planner))
        return cotraining_answer(state)

    def page(self, result: CotrainingResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return cotraining_page(result, artifacts)
