"""The taxonomy study: train, transfer, normalise, solve - or solve a published table."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.errors import InputError
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.page.overview import taxonomy_page
from taskspace.studies.taxonomy.plan.cells import plans_of
from taskspace.studies.taxonomy.result.answer import taxonomy_answer
from taskspace.studies.taxonomy.result.model import TaxonomyResult
from taskspace.studies.taxonomy.stages.published import published_stages
from taskspace.studies.taxonomy.stages.solve import solve
from taskspace.studies.taxonomy.stages.test import test
from taskspace.studies.taxonomy.stages.train import train
from taskspace.studies.taxonomy.stages.transfer import transfer
from taskspace.studies.taxonomy.table.affinities import read_table

if TYPE_CHECKING:
    import numpy as np


class Taxonomy(Study):
    """Which tasks to label, and which to get by transfer (Zamir et al., CVPR 2018)."""

    name: ClassVar[str] = "taxonomy"
    job_model: ClassVar[type[Job]] = TaxonomyJob
    result_model: ClassVar[type[StudyResult] | None] = TaxonomyResult
    stage_names: ClassVar[tuple[str, ...]] = ("train", "transfer", "solve", "test")

    def stages(
        self, job: TaxonomyJob, planner: Planner, until: str | None
    ) -> Generator[Stage, Outcomes, Answer]:
        """Yield the stages of the job up to `until`; a table needs only `solve`."""
        if job.affinities is not None:
            if until in ("train", "transfer"):
                raise InputError(
                    f"A table has nothing to {until}: its transfers are given.",
                    advice="`tasks solve JOB` decides from it.",
                )
            return (yield from published_stages(job, planner, read_table(job.affinities)))
        trained = yield from train(plans_of(job, planner))
        if until == "train":
            return taxonomy_answer(trained)
        transferred = yield from transfer(trained)
        if until == "transfer":
            return taxonomy_answer(transferred)
        solved = yield from solve(transferred)
        if until == "solve":
            return taxonomy_answer(solved)
        tested = yield from test(solved)
        return taxonomy_answer(tested)

    def page(self, result: TaxonomyResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return taxonomy_page(result, artifacts)
