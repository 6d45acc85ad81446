"""The report: whether anything helps, by how much, and what was trained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Page, Section, Text
from taskspace.learning.missing import missing_blocks
from taskspace.studies.cotraining.page.figures import difference_figure, loss_plot, test_plot
from taskspace.studies.cotraining.page.pictures import picture_blocks
from taskspace.studies.cotraining.result.model import CotrainingResult
from taskspace.studies.cotraining.result.tables import (
    arm_table,
    auxiliary_table,
    difference_table,
    further_table,
    sample_table,
)


def cotraining_page(result: CotrainingResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out.

    Args:
        artifacts: pictures of test images, by task and arm.
    """
    tables = (auxiliary_table(result), sample_table(result))
    auxiliary, samples = ([table] if table.rows else [] for table in tables)
    sections = [
        Section("What helps", _arms(result)),
        Section("Auxiliary tasks", auxiliary),
        Section("Test images", picture_blocks(result, artifacts)),
        Section("Training", [*loss_plot(result), *test_plot(result)]),
        Section("Images of each task", samples),
        Section("Missing", missing_blocks(result.missing)),
    ]
    return Page(
        title=f"Co-training: {result.name}",
        subtitle="Do auxiliary tasks help the central one?",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _arms(result: CotrainingResult) -> list[Block]:
    if not result.summary:
        what = "test result" if result.trials else "result"
        return [Text(f"No training has a {what}.", tone="warning")]
    if not result.differences:
        return [arm_table(result)]
    further = further_table(result)
    tables = [arm_table(result), difference_table(result), *([further] if further.rows else [])]
    return [difference_figure(result), *tables]
