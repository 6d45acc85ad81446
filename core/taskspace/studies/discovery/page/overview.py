"""The report: the ladder of agreement, the tasks as pictures, and the splits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Page, Section, Text
from taskspace.learning.missing import missing_blocks
from taskspace.studies.discovery.page.ladder import ladder_plot
from taskspace.studies.discovery.page.pictures import frozen_blocks, set_blocks
from taskspace.studies.discovery.result.model import DiscoveryResult
from taskspace.studies.discovery.result.tables import (
    gain_table,
    ladder_table,
    split_table,
)


def discovery_page(result: DiscoveryResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("How far networks agree", _ladder(result)),
        *set_blocks(result, artifacts),
        Section("Splits", [split_table(result)] if result.splits else []),
        Section("Classes on frozen codes", frozen_blocks(result, artifacts)),
        Section("Missing", missing_blocks(result.missing)),
    ]
    return Page(
        title=f"Discovered tasks: {result.name}",
        subtitle="Which tasks a network agrees with itself on",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _ladder(result: DiscoveryResult) -> list[Block]:
    if not result.rungs:
        return [] if result.frozen else [Text("No task has been judged.", tone="warning")]
    blocks: list[Block] = [ladder_plot(result), ladder_table(result)]
    gains = gain_table(result)
    return [*blocks, gains] if gains.rows else blocks
