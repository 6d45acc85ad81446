"""Gates in the report: which task reads which expert, and which tasks are alike (Fig. 3.3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taskspace.components.page import Block, Heatmap, Text
from taskspace.studies.multitask.result.gates import (
    REACH,
    gate_layers,
    learned_summaries,
    unmoved_gates,
)
from taskspace.studies.multitask.result.model import MultitaskResult, SchemeSummary


def gate_blocks(result: MultitaskResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return gate probabilities and task similarity of the schemes that learn them.

    Of gates that have not moved no similarity is drawn: it would be that of noise.
    """
    similar = {(row.scheme, row.size): row.matrix for row in result.similarity}
    unmoved = {each.scheme for each in unmoved_gates(result, artifacts)}
    blocks: list[Block] = []
    for row in learned_summaries(result):
        seed, layers = next(iter(gate_layers(result, row, artifacts).items()))
        blocks += [_heat_map(result, row, seed, *numbered) for numbered in enumerate(layers)]
        matrix = similar.get((row.scheme, row.size))
        if row.scheme in unmoved:
            blocks.append(_no_similarity(row.scheme))
        elif matrix is not None:
            blocks.append(_similarity(result, row.scheme, matrix))
    return blocks


def _heat_map(
    result: MultitaskResult, row: SchemeSummary, seed: int, layer: int, gates: np.ndarray
) -> Heatmap:
    of = f", layer {layer + 1}" if len(row.experts) > 1 else ""
    return Heatmap(
        f"gates-{row.scheme}-{layer}",
        [task.name for task in result.tasks],
        [str(number + 1) for number in range(gates.shape[1])],
        [[float(value) for value in line] for line in gates],
        caption=f"{row.scheme}{of}: how likely each task is to read each expert, repetition "
        f"{seed}, {row.size} training samples.",
        row_title="task",
        column_title="expert",
        low=0.0,
        high=1.0,
    )


def _no_similarity(scheme: str) -> Text:
    return Text(
        f"{scheme}: no map of task correlations. Its gates have not moved: every probability is "
        f"within {REACH} of its start, so correlations between tasks are noise.",
        "note",
    )


def _similarity(result: MultitaskResult, scheme: str, matrix: list[list[float | None]]) -> Heatmap:
    names = [task.name for task in result.tasks]
    return Heatmap(
        f"similarity-{scheme}",
        names,
        names,
        matrix,
        caption=f"{scheme}: correlation of tasks by their gate probabilities, the mean over "
        "repetitions; empty where a task's probabilities are all alike.",
        row_title="task",
        column_title="task",
        low=-1.0,
        high=1.0,
        middle=0.0,
    )
