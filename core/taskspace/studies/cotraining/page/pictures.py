"""Predictions in the report: test images with labels and predictions below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, ImageGrid
from taskspace.learning.pictures import as_image, pixel_size
from taskspace.studies.cotraining.job import INPUT, TRUTH
from taskspace.studies.cotraining.result.model import CotrainingResult

SHOWN = 3
"""Test images of each task."""
WIDEST = 256
"""Screen pixels of an image's longer side: boxes are to be seen."""


def picture_blocks(result: CotrainingResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return a grid of test images for the central task, then one for each auxiliary task.

    Args:
        artifacts: `<task>/<row>` to pictures uint8 [n, 3, H, W].
    """
    names = [result.central.name, *(each.name for each in result.auxiliary)]
    grids = (_grid(result, name, artifacts) for name in names)
    return [grid for grid in grids if grid is not None]


def _grid(
    result: CotrainingResult, name: str, artifacts: Mapping[str, np.ndarray]
) -> ImageGrid | None:
    words = result.words.get(name, {})
    rows: list[tuple[str, Sequence[np.ndarray | str]]] = []
    for row in (INPUT, TRUTH, *(arm.name for arm in result.arms)):
        if (pictures := artifacts.get(f"{name}/{row}")) is not None:
            rows.append((row, [as_image(array) for array in pictures[:SHOWN]]))
        elif row in words:
            rows.append((row, words[row][:SHOWN]))
    if len(rows) < 3:
        return None
    beside = "named by what is trained beside" if name == result.central.name else "of its own arm"
    return ImageGrid(
        f"pictures-{name}",
        [f"test image {place + 1}" for place in range(len(rows[0][1]))],
        rows,
        caption=f"{name}: labels of test images drawn at random, and predictions {beside}; first "
        "repetition.",
        pixel=pixel_size([cell for _, cells in rows for cell in cells], WIDEST),
    )
