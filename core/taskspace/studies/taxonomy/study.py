"""The taxonomy study: train, transfer, normalise, solve - or solve a published table."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, ClassVar

from taskspace.components import Answer, Job, Outcomes, Planner, Stage, Study, StudyResult
from taskspace.components.page import Page
from taskspace.errors import InputError
from taskspace.studies.taxonomy.job import TaxonomyJob
from taskspace.studies.taxonomy.measured import MeasuredTaxonomy
from taskspace.studies.taxonomy.page.overview import taxonomy_page
from taskspace.studies.taxonomy.published import published_stages
from taskspace.studies.taxonomy.result.model import TaxonomyResult

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
        if job.affinities is not None and until in ("train", "transfer"):
            raise InputError(
                f"A table has nothing to {until}: its transfers are given.",
                advice="`tasks solve JOB` decides from it.",
            )
        if job.affinities is not None:
            return (yield from published_stages(job, planner))
        return (yield from MeasuredTaxonomy(job, planner).stages(until))

    def page(self, result: TaxonomyResult, artifacts: Mapping[str, np.ndarray]) -> Page:
        """Return the report of a result."""
        return taxonomy_page(result.as_json(), artifacts)
