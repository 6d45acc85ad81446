"""The report: what each scheme achieves, what it costs, and which tasks share experts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Page, Section, Text
from taskspace.learning.missing import missing_blocks
from taskspace.studies.multitask.page.figures import (
    by_rule,
    by_size,
    frontier_blocks,
    loss_curves,
)
from taskspace.studies.multitask.page.gates import gate_blocks
from taskspace.studies.multitask.result.model import MultitaskResult
from taskspace.studies.multitask.result.tables import difference_table, summary_table, task_table


def multitask_page(result: MultitaskResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("Schemes compared", _schemes(result, artifacts)),
        Section("Accuracy and computation", frontier_blocks(result)),
        Section("How many experts a task keeps", by_rule(result)),
        Section("Which tasks share experts", gate_blocks(result, artifacts)),
        Section("Training", loss_curves(result)),
        Section("Missing", missing_blocks(result.missing)),
    ]
    return Page(
        title=f"Sharing between tasks: {result.name}",
        subtitle="Which tasks should share which experts",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _schemes(result: MultitaskResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    if not result.summary:
        return [Text("No training has a result.", tone="warning")]
    blocks: list[Block] = [summary_table(result, artifacts.get("seconds_per_step"))]
    blocks += by_size(result)
    blocks.append(task_table(result))
    differing = difference_table(result)
    return [*blocks, differing] if differing.rows else blocks
