"""The report of a recommendation: which model to start from, and which method to trust."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Page, Section, Text
from taskspace.learning.missing import missing_blocks
from taskspace.studies.recommend.page.methods import curve_blocks, method_blocks
from taskspace.studies.recommend.page.models import answer_blocks, matrix_blocks, model_blocks
from taskspace.studies.recommend.page.tasks import task_blocks
from taskspace.studies.recommend.result.model import RecommendResult
from taskspace.studies.recommend.result.tables import counted


def recommend_page(result: RecommendResult, artifacts: Mapping[str, np.ndarray]) -> Page:
    """Return the page of a result; sections without content are left out."""
    sections = [
        Section("Which model to start from", answer_blocks(result)),
        Section("Which method to trust", method_blocks(result)),
        Section("What trying more models brings", curve_blocks(result)),
        Section("Errors of all models on all tasks", matrix_blocks(result)),
        Section("Tasks by their embeddings", task_blocks(result)),
        Section("Models", model_blocks(result)),
        Section("Missing", _missing(result)),
    ]
    return Page(
        title=f"Which model to start from: {result.name}",
        subtitle=f"{counted(len(result.models), 'model')} on "
        f"{counted(len(result.targets), 'task')}, {_origin(result)}",
        sections=[section for section in sections if section.blocks],
        data=result.as_json(),
    )


def _origin(result: RecommendResult) -> str:
    if result.of_table():
        return f"as {result.targets[0].dataset} says" if result.targets else "of a table"
    return "measured and estimated"


def _missing(result: RecommendResult) -> list[Block]:
    blocks = missing_blocks(result.missing)
    notes = [f"{score}: {'; '.join(why)}." for score, why in result.reasons.items() if why]
    return [*blocks, *(Text(f"Scores that could not be had: {note}", "note") for note in notes)]
