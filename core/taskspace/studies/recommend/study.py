"""The recommendation study: which model to start from, and which estimate of that to trust."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.studies.recommend.job import RecommendJob
from taskspace.studies.recommend.page.overview import recommend_page
from taskspace.studies.recommend.plan.cells import plan_of
from taskspace.studies.recommend.result.answer import measured_answer
from taskspace.studies.recommend.result.model import RecommendResult
from taskspace.studies.recommend.result.published import table_answer
from taskspace.studies.recommend.stages.measure import encode, measure
from taskspace.studies.recommend.stages.train import train

if TYPE_CHECKING:
    import numpy as np


class Recommend(Study):
    """Which model to start from: measured, and estimated by Task2Vec and transferability scores.

    Sources: Achille et al. 2019 (Task2Vec); the scores name theirs.
    """

    name: ClassVar[str] = "recommend"
    job_model: ClassVar[type[Job]] = RecommendJob
    result_model: ClassVar[type[StudyResult] | None] = RecommendResult
    stage_names: ClassVar[tuple[str, ...]] = ("train", "encode", "measure")

    def stages(
        self, job: RecommendJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield experts, codes, then errors and estimates; return which model to start from."""
        if job.errors is not None:
            return table_answer(job)
        state = yield from train(plan_of(job, planner))
        if until != "train":
            state = yield from encode(state)
        if until is None or until == "measure":
            state = yield from measure(state)
        return measured_answer(state)

    def page(self, result: RecommendResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return recommend_page(result, artifacts)
