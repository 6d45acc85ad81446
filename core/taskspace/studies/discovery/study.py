"""The discovery study: the tasks that a network generalises on, and the splits that fool it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.studies.discovery.job import DiscoveryJob
from taskspace.studies.discovery.page.overview import discovery_page
from taskspace.studies.discovery.plan.cells import plan_of
from taskspace.studies.discovery.result.answer import discovery_answer
from taskspace.studies.discovery.result.model import DiscoveryResult
from taskspace.studies.discovery.stages.judge import judge
from taskspace.studies.discovery.stages.search import search

if TYPE_CHECKING:
    import numpy as np


class Discovery(Study):
    """Which tasks a network generalises on, and which splits fool it (Atanov et al. 2022)."""

    name: ClassVar[str] = "discovery"
    job_model: ClassVar[type[Job]] = DiscoveryJob
    result_model: ClassVar[type[StudyResult] | None] = DiscoveryResult
    stage_names: ClassVar[tuple[str, ...]] = ("search", "judge")

    def stages(
        self, job: DiscoveryJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield the searches, then what judges them; return the ladder of agreement."""
        state = yield from search(plan_of(job, planner))
        if until != "search":
            state = yield from judge(state)
        return discovery_answer(state)

    def page(self, result: DiscoveryResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return discovery_page(result, artifacts)
