"""Discovered tasks to look at: the images that are most of each class, and how alike tasks are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components.page import Block, Heatmap, ImageGrid, Section
from taskspace.studies.discovery.result.model import DiscoveryResult, SetRecord
from taskspace.studies.discovery.result.names import picture_name
from taskspace.studies.discovery.result.tables import frozen_table, task_table

SIDE = 64
"""Screen pixels of an image."""


def set_blocks(result: DiscoveryResult, artifacts: Mapping[str, np.ndarray]) -> list[Section]:
    """Return a section for each search: pictures of its tasks, their numbers, their likeness."""
    searched = {rung.name: rung for rung in result.rungs if rung.kind == "discovered"}
    sections = []
    for name, rung in searched.items():
        own = next(record for record in result.sets if record.name == name)
        blocks: list[Block] = []
        if own.seed == 0:
            blocks += _grids(own, rung.classes, artifacts)
        blocks.append(task_table(own))
        if len(own.tasks) > 1:
            blocks.append(_similarity(own))
        sections.append(Section(f"The tasks of {name}", blocks))
    return sections


def frozen_blocks(result: DiscoveryResult, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    """Return what was found on frozen codes: pictures of its classes, and the table of all."""
    if not result.frozen:
        return []
    classes = {own.name: own.classes for own in result.frozen if own.seed == 0}
    grids = [
        _grid(
            name,
            [(f"{name}, class {label}", picture_name(name, 1, label)) for label in range(count)],
            "Test images that are most of each class, in order: nobody named these classes, linear "
            "heads on the codes learn them best.",
            artifacts,
        )
        for name, count in classes.items()
    ]
    return [*(block for blocks in grids for block in blocks), frozen_table(result)]


def _grids(own: SetRecord, classes: int, artifacts: Mapping[str, np.ndarray]) -> list[Block]:
    rows = [
        (f"task {task.name}, class {label}", picture_name(own.name, task.number, label))
        for task in own.tasks
        for label in range(classes)
    ]
    caption = (
        "Test images that are most of each class, in order: nobody named these classes, networks "
        "that learn them agree."
    )
    return _grid(own.name, rows, caption, artifacts)


def _grid(
    name: str,
    pictures: Sequence[tuple[str, str]],
    caption: str,
    artifacts: Mapping[str, np.ndarray],
) -> list[Block]:
    """Return a grid with a row for each title and name of pictures that are there."""
    rows = [(title, list(_shown(artifacts[own]))) for title, own in pictures if own in artifacts]
    if not rows:
        return []
    columns = [str(place + 1) for place in range(len(rows[0][1]))]
    pixel = max(1, SIDE // rows[0][1][0].shape[0])
    return [ImageGrid(f"images-{name}", columns, rows, caption=caption, pixel=pixel)]


def _shown(images: np.ndarray) -> np.ndarray:
    """Return images [n, C, H, W] of 0 to 255 as [n, H, W] or [n, H, W, 3] in [0, 1]."""
    scaled = images.astype(np.float32) / 255
    return scaled[:, 0] if scaled.shape[1] == 1 else scaled.transpose(0, 2, 3, 1)


def _similarity(own: SetRecord) -> Heatmap:
    names = [f"task {task.name}" for task in own.tasks]
    return Heatmap(
        f"similarity-{own.name}",
        names,
        names,
        [[float(value) for value in row] for row in own.similarity],
        caption=f"{own.name}, repetition {own.seed}: share of images to which two tasks give "
        "equal labels under the best naming of classes; 0.5 for two unrelated halves.",
        row_title="task",
        column_title="task",
        low=0.5,
        high=1.0,
    )
