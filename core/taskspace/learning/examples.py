"""Images, and a task's inputs and targets, for a whole dataset: stored once, read by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, Dataset, Head, Result, Shape, Stored, Task
from taskspace.errors import CellError
from taskspace.learning.numerics import generator, settled
from taskspace.learning.rows import Part, Rows, compact, joined, rows_of

BLOCK = 256
"""Samples that are read at once and share a generator; part of what a sample's noise means."""

MOST_NUMBERS = 1 << 23
"""How many predicted numbers are compared with their targets at once."""


class Examples(NamedTuple):
    """Inputs [N, C, H, W] (with views [N, V, C, H, W]) and targets [N, ...] of some samples."""

    inputs: Rows
    targets: Rows


def store_images(call: Call) -> Result:
    """Return the images of the samples from `start` to `stop`, as they are: the array `image`."""
    dataset = call.component("dataset", Dataset)
    return _result({"image": dataset.read(rows, {"image"})["image"]} for rows in _blocks(call))


def store_examples(call: Call) -> Result:
    """Return a task's targets of the samples from `start` to `stop`, and inputs if not plain.

    The array `valid`, bool, says which targets are there: those that the task's loss does not
    mask. Everything derived (superpixels, noise, shuffles) is derived here and nowhere else, with
    the threads that all cells have: sums depend on how many there are.

    Raises:
        CellError: if a label is none of the task's classes.
    """
    dataset, task = call.component("dataset", Dataset), call.component("task", Task)
    fields = task.needs(dataset.fields()) | {"image"}
    shape = head_of(call).shape(image_shape(call))

    def stored(rows: np.ndarray) -> dict[str, Tensor]:
        noise = generator(call.parameters["seed"], int(rows[0]) // BLOCK)
        example = task.example(dataset.read(rows, fields), noise)
        _check_classes(task, example.target, shape, int(rows[0]), call.name)
        arrays = {"target": example.target, "valid": _valid(task, example.target, shape)}
        return arrays | ({} if task.plain_input else {"input": example.input})

    with settled(call.cpus):
        return _result(stored(rows) for rows in _blocks(call))


def examples_of(call: Call, chosen: np.ndarray) -> Examples:
    """Return chosen examples of the call's task, on the call's device.

    Args:
        chosen: numbers of samples [n], int64.
    """
    return Examples(inputs_of(call, chosen), targets_of(call, chosen))


def inputs_of(call: Call, chosen: np.ndarray) -> Rows:
    """Return what networks of the call see: the task's inputs, or the images [n, C, H, W]."""
    array = "input" if "input0" in call.inputs else "image"
    return stored_rows(call, array, array, chosen)


def targets_of(call: Call, chosen: np.ndarray) -> Rows:
    """Return the targets of the call's task [n, ...]."""
    return stored_rows(call, "target", "target", chosen)


def labelled(call: Call, slot: str = "target") -> np.ndarray:
    """Return which samples of the dataset have the label of a task, bool [samples]."""
    return np.concatenate([part.values for part in stored_parts(call, slot, "valid")])


def stored_parts(call: Call, slot: str, array: str) -> list[Part]:
    """Return an array of the inputs `<slot>0`, `<slot>1`, ... as it is stored, part by part."""
    return [
        Part(cell.array(array), cell.record["levels"][array]) for cell in stored_cells(call, slot)
    ]


def stored_rows(call: Call, slot: str, array: str, chosen: np.ndarray) -> Rows:
    """Return chosen rows of an array of the inputs `<slot>0`, `<slot>1`, ... on the call's device.

    Args:
        chosen: numbers of samples [n], int64.
    """
    parts = stored_parts(call, slot, array)
    return rows_of(parts, len(parts[0].values), chosen, call.device)


def stored_cells(call: Call, slot: str) -> list[Stored]:
    """Return the inputs `<slot>0`, `<slot>1`, ... of a call."""
    cells: list[Stored] = []
    while (cell := call.inputs.get(f"{slot}{len(cells)}")) is not None:
        cells.append(cell)
    return cells


def head_of(call: Call) -> Head:
    """Return the head of the call's task on its dataset."""
    return call.component("task", Task).head(call.component("dataset", Dataset).fields())


def image_shape(call: Call) -> Shape:
    """Return the shape (C, H, W) of the dataset's images."""
    channels, height, width = call.component("dataset", Dataset).fields()["image"].shape
    return channels, height, width


def _valid(task: Task, target: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return which targets [B] are there; that does not depend on what is predicted."""
    size = max(1, MOST_NUMBERS // prod(shape))
    blocks = (target[start : start + size] for start in range(0, len(target), size))
    return torch.cat([task.loss(torch.zeros(len(b), *shape), b).valid for b in blocks])


def _check_classes(
    task: Task, target: Tensor, shape: tuple[int, ...], first: int, name: str
) -> None:
    """Refuse a class that a prediction of this shape has no place for.

    A task tells by `decode` that its targets are classes. Whole numbers may be other things: the
    segments that a pixel belongs to are any.

    Raises:
        CellError: if there is one, with its sample.
    """
    decoded = task.decode(torch.zeros(1, *shape))
    if target.is_floating_point() or decoded.is_floating_point():
        return
    if decoded.shape[1:] != target.shape[1:]:
        return
    classes = shape[0]
    wrong = ((target < -1) | (target >= classes)).reshape(len(target), -1)
    rows = wrong.any(dim=1).nonzero()[:, 0]
    if len(rows):
        row = int(rows[0])
        value = int(target[row].reshape(-1)[wrong[row]][0])
        raise CellError(
            f"Sample {first + row} has the label {value}, and the task has the classes 0 to "
            f"{classes - 1}; -1 stands for a missing label.",
            where=name,
            advice="Correct the label, or mark it as missing.",
        )


def _blocks(call: Call) -> list[np.ndarray]:
    start, stop = call.parameters["start"], call.parameters["stop"]
    return [np.arange(first, min(first + BLOCK, stop)) for first in range(start, stop, BLOCK)]


def _result(read: Iterable[Mapping[str, Tensor]]) -> Result:
    """Return blocks of arrays, compacted one by one so that few are wide at a time."""
    parts: dict[str, list[Part]] = {}
    for block in read:
        for name, values in block.items():
            parts.setdefault(name, []).append(compact(values))
    whole = {name: joined(each) for name, each in parts.items()}
    return Result(
        {"levels": {name: part.levels for name, part in whole.items()}},
        {name: part.values for name, part in whole.items()},
    )
