"""Images, and a task's inputs and targets, for a whole dataset: stored once for all networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Call, Dataset, Result, Task
from taskspace.errors import CellError
from taskspace.learning.examples import StoredPart
from taskspace.learning.networks import generator, settled

BLOCK = 256
"""Samples that are read at once and share a generator; part of what a sample's noise means."""

MOST_NUMBERS = 1 << 23
"""How many predicted numbers are compared with their targets at once."""

LEVELS = 255
"""Of an 8-bit image, above black."""


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
    shape = task.head(dataset.fields()).shape(task.input_shape(dataset.fields()))

    def stored(rows: np.ndarray) -> dict[str, Tensor]:
        noise = generator(call.parameters["seed"], int(rows[0]) // BLOCK)
        example = task.example(dataset.read(rows, fields), noise)
        _check_classes(task, example.target, shape, int(rows[0]), call.name)
        arrays = {"target": example.target, "valid": _valid(task, example.target, shape)}
        return arrays | ({} if task.plain_input else {"input": example.input})

    with settled(call.cpus):
        return _result(stored(rows) for rows in _blocks(call))


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
    parts: dict[str, list[StoredPart]] = {}
    for block in read:
        for name, values in block.items():
            parts.setdefault(name, []).append(compact(values))
    whole = {name: joined(each) for name, each in parts.items()}
    return Result(
        {"levels": {name: part.levels for name, part in whole.items()}},
        {name: part.values for name, part in whole.items()},
    )


def compact(values: Tensor) -> StoredPart:
    """Return values in the narrowest type that keeps them exactly: 8-bit images, small ids."""
    if values.is_floating_point():
        levels = (values * LEVELS).round().nan_to_num(-1).clamp(-1, LEVELS)
        if bool((levels >= 0).all()) and torch.equal(levels.byte().float() / LEVELS, values):
            return StoredPart(levels.byte().numpy(), LEVELS)
        return StoredPart(values.numpy(), None)
    if values.dtype == torch.bool:
        return StoredPart(values.numpy(), None)
    low, high = (int(values.min()), int(values.max())) if values.numel() else (0, 0)
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return StoredPart(values.numpy().astype(kind), None)
    return StoredPart(values.numpy(), None)


def joined(parts: Sequence[StoredPart]) -> StoredPart:
    """Return parts as one, in a type that keeps all of them."""
    if len({part.levels for part in parts}) == 1:
        return StoredPart(np.concatenate([part.values for part in parts]), parts[0].levels)
    wide = [
        part.values if part.levels is None else part.values.astype(np.float32) / part.levels
        for part in parts
    ]
    return StoredPart(np.concatenate(wide).astype(np.float32), None)
