"""Images and labels of all samples: stored once, read by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, Dataset, DenseHead, Head, Result, Shape, Stored, Task
from taskspace.errors import CellError
from taskspace.learning.numerics import settled
from taskspace.learning.rows import Part, Rows, compact, joined, rows_of
from taskspace.studies.multitask.plan.splits import Split, split_of

BLOCK = 256
"""Samples that are read at once."""


class Data(NamedTuple):
    """Some samples, with the labels of N tasks.

    Attributes:
        images: [n, C, H, W] on the device.
        targets: of each task [n, ...], on the device.
        labelled: bool [n, N] on the CPU, which tasks a sample has a label of.
    """

    images: Rows
    targets: tuple[Rows, ...]
    labelled: Tensor


def store_images(call: Call) -> Result:
    """Return the images of the samples from `start` to `stop`."""
    dataset = call.component("dataset", Dataset)
    parts = [compact(dataset.read(rows, {"image"})["image"]) for rows in _blocks(call)]
    return _stored({"image": parts})


def store_targets(call: Call) -> Result:
    """Return a task's targets of the samples from `start` to `stop`, and which of them are there.

    What the loss of the task masks is not there, whatever it masks it for.
    """
    dataset, task = call.component("dataset", Dataset), call.component("task", Task)
    fields = dataset.fields()
    head, needed = task.head(fields), task.needs(fields) | {"image"}
    parts: list[Part] = []
    valid: list[np.ndarray] = []
    with settled(call.cpus):
        for rows in _blocks(call):
            target = task.target(dataset.read(rows, needed))
            _check_labels(target, head, int(rows[0]), call.name)
            blank = torch.zeros(len(rows), *head.shape(image_shape(call)))
            valid.append(task.loss(blank, target).valid.numpy())
            parts.append(compact(target))
    stored = _stored({"target": parts})
    return Result(stored.record, {**stored.arrays, "valid": np.concatenate(valid)})


def load(call: Call, indices: np.ndarray) -> Data:
    """Return these samples with the labels of all tasks of the call."""
    images = rows_of(*_parts(call, "image", "image"), indices, call.device)
    slots = [f"target{number}_" for number in range(task_count(call))]
    targets = tuple(rows_of(*_parts(call, slot, "target"), indices, call.device) for slot in slots)
    return Data(images, targets, torch.from_numpy(labelled(call)[indices]))


def labelled(call: Call) -> np.ndarray:
    """Return which tasks each sample of the dataset has a label of, bool [samples, N]."""
    columns = [
        np.concatenate([cell.array("valid") for cell in _cells(call, f"target{number}_")])
        for number in range(task_count(call))
    ]
    return np.stack(columns, axis=1)


def labels(call: Call, number: int) -> np.ndarray | None:
    """Return the class of each sample for a task, int64 [samples], or None where it has none."""
    parts = [cell.array("target") for cell in _cells(call, f"target{number}_")]
    if parts[0].ndim > 1 or not all(np.issubdtype(part.dtype, np.integer) for part in parts):
        return None
    if any(
        cell.record["levels"]["target"] is not None for cell in _cells(call, f"target{number}_")
    ):
        return None
    return np.concatenate(parts).astype(np.int64)


def split(call: Call) -> Split:
    """Return the samples that train and that test."""
    said: Mapping[str, Any] = call.parameters["split"]
    dataset = call.component("dataset", Dataset)
    return _divided(dataset, call.identity("dataset"), said["share"], said["seed"])


# Every cell of a worker divides the same dataset.
@lru_cache(maxsize=4)
def _divided(dataset: Dataset, content: str, share: float, seed: int) -> Split:
    return split_of(dataset, share, seed)


def tasks_of(call: Call) -> list[Task]:
    """Return the tasks of the call, in their order."""
    return [call.component(f"task{number}", Task) for number in range(task_count(call))]


def task_count(call: Call) -> int:
    """Return N."""
    return len(call.parameters["tasks"])


def image_shape(call: Call) -> Shape:
    """Return the shape (C, H, W) of the dataset's images."""
    channels, height, width = call.component("dataset", Dataset).fields()["image"].shape
    return channels, height, width


def heads_of(dataset: Dataset, tasks: Sequence[Task]) -> list[Head]:
    """Return the head of each task on the dataset."""
    fields = dataset.fields()
    return [task.head(fields) for task in tasks]


def _check_labels(target: Tensor, head: Head, first: int, name: str) -> None:
    """Refuse a class that the head has no place for.

    Raises:
        CellError: if there is one, with its sample.
    """
    if target.is_floating_point():
        return
    classes = head.channels if isinstance(head, DenseHead) else head.size
    wrong = ((target < -1) | (target >= classes)).flatten(1 if target.ndim > 1 else 0)
    found = (wrong.any(dim=1) if wrong.ndim > 1 else wrong).nonzero()[:, 0]
    if len(found):
        row = int(found[0])
        values = target[row].flatten()
        value = int(values[(values < -1) | (values >= classes)][0])
        raise CellError(
            f"Sample {first + row} has the label {value}, and the task has the classes 0 to "
            f"{classes - 1}; -1 stands for a missing label.",
            where=name,
            advice="Correct the label, or mark it as missing.",
        )


def _cells(call: Call, slot: str) -> list[Stored]:
    found: list[Stored] = []
    while (cell := call.inputs.get(f"{slot}{len(found)}")) is not None:
        found.append(cell)
    return found


def _parts(call: Call, slot: str, array: str) -> tuple[list[Part], int]:
    """Return an array of the inputs `<slot>0`, `<slot>1`, ... and the length of each part."""
    parts = [Part(cell.array(array), cell.record["levels"][array]) for cell in _cells(call, slot)]
    return parts, len(parts[0].values)


def _blocks(call: Call) -> list[np.ndarray]:
    start, stop = call.parameters["start"], call.parameters["stop"]
    return [np.arange(first, min(first + BLOCK, stop)) for first in range(start, stop, BLOCK)]


def _stored(parts: Mapping[str, Sequence[Part]]) -> Result:
    whole = {name: joined(each) for name, each in parts.items()}
    return Result(
        {"levels": {name: part.levels for name, part in whole.items()}},
        {name: part.values for name, part in whole.items()},
    )
