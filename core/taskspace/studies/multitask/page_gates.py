"""Gates in the report: which task reads which expert, and which tasks are alike (Fig. 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from taskspace.components.page import Block, Heatmap
from taskspace.studies.multitask.tables import largest_summaries


def gate_blocks(result: Mapping[str, Any], artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return gate probabilities and task similarity of the schemes that learn them."""
    # A result of an older version does not say it.
    learnt = {each["name"] for each in result["schemes"] if each.get("chooses")}
    similar = {(row["scheme"], row["size"]): row["matrix"] for row in result["similarity"]}
    blocks: list[Block] = []
    for row in largest_summaries(result):
        if row["scheme"] in learnt:
            layers = enumerate(_gates(result, row, artifacts))
            blocks += [_heat_map(result, row, layer, gates) for layer, gates in layers]
            matrix = similar.get((row["scheme"], row["size"]))
            if matrix is not None:
                blocks.append(_similarity(result, row["scheme"], matrix))
    return blocks


def _gates(
    result: Mapping[str, Any], row: Mapping[str, Any], artifacts: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """Return the gate probabilities of the first repetition of a summary, [N, M] a layer."""
    place = f"gates/{row['scheme']}/{row['size']}/{_repetition(result, row)}"
    names = [f"{place}/{layer}" for layer in range(len(row["experts"]))]
    return [artifacts[name] for name in names if name in artifacts]


def _repetition(result: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    same = (t for t in result["trials"] if (t["scheme"], t["size"]) == (row["scheme"], row["size"]))
    return int(next(same)["seed"])


def _heat_map(
    result: Mapping[str, Any], row: Mapping[str, Any], layer: int, gates: np.ndarray
) -> Heatmap:
    of = f", layer {layer + 1}" if len(row["experts"]) > 1 else ""
    return Heatmap(
        f"gates-{row['scheme']}-{layer}",
        [task["name"] for task in result["tasks"]],
        [str(number + 1) for number in range(gates.shape[1])],
        [[float(value) for value in line] for line in gates],
        caption=f"{row['scheme']}{of}: how likely each task is to read each expert, repetition "
        f"{_repetition(result, row)}, {row['size']} training samples.",
        row_title="task",
        column_title="expert",
        low=0.0,
        high=1.0,
    )


def _similarity(
    result: Mapping[str, Any], scheme: str, matrix: list[list[float | None]]
) -> Heatmap:
    names = [task["name"] for task in result["tasks"]]
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
