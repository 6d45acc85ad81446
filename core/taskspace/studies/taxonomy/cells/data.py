"""Images, and a task's inputs and targets, for the whole dataset, stored once and read by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from taskspace.components import Call, Dataset, Head, Result, Shape, Task
from taskspace.learning.numerics import generator, settled
from taskspace.learning.rows import Part, Rows, compact, joined, rows_of
from taskspace.studies.taxonomy.plan.splits import random_part, sample_part, split_indices

BLOCK = 256
"""Samples that are read at once and share a generator; part of what a sample's noise means."""


class Examples(NamedTuple):
    """Inputs [N, C, H, W] (with views [N, V, C, H, W]) and targets [N, ...] of a split."""

    inputs: Rows
    targets: Rows


def store_images(call: Call) -> Result:
    """Return the images of the samples from `start` to `stop`, as they are."""
    dataset = call.component("dataset", Dataset)
    return _result({"image": dataset.read(rows, {"image"})["image"]} for rows in _blocks(call))


def store_examples(call: Call) -> Result:
    """Return the task's targets of the samples from `start` to `stop`, and inputs if not plain.

    Everything derived (superpixels, noise, shuffles) is derived here and nowhere else, with the
    threads that all cells have: sums depend on how many there are.
    """
    dataset, task = call.component("dataset", Dataset), call.component("task", Task)
    fields = task.needs(dataset.fields()) | {"image"}

    def stored(rows: np.ndarray) -> dict[str, Tensor]:
        noise = generator(call.parameters["seed"], int(rows[0]) // BLOCK)
        example = task.example(dataset.read(rows, fields), noise)
        return {"target": example.target} | ({} if task.plain_input else {"input": example.input})

    with settled(call.cpus):
        return _result(stored(rows) for rows in _blocks(call))


def examples(call: Call, split: str) -> Examples:
    """Return the examples of the call's task on a split, on the call's device."""
    return Examples(task_inputs(call, split), task_targets(call, split))


def task_inputs(call: Call, split: str, sample: int | None = None) -> Rows:
    """Return what the networks of the call see of a split: the task's inputs, or the images.

    Args:
        sample: how many, drawn at random and the same in every call; all where None.
    """
    return _rows(call, "input" if "input0" in call.inputs else "image", split, sample)


def task_targets(call: Call, split: str, sample: int | None = None) -> Rows:
    """Return the targets of the call's task on a split, or of a sample of it."""
    return _rows(call, "target", split, sample)


def head_of(call: Call) -> Head:
    """Return the head of the task on the dataset."""
    return call.component("task", Task).head(call.component("dataset", Dataset).fields())


def image_shape(call: Call) -> Shape:
    """Return the shape (C, H, W) of the dataset's images."""
    channels, height, width = call.component("dataset", Dataset).fields()["image"].shape
    return channels, height, width


def _rows(call: Call, array: str, split: str, sample: int | None) -> Rows:
    """Return an array of the inputs `<array>0`, `<array>1`, ... on a split."""
    chosen = indices_of(call, split)
    if sample is not None:
        chosen = sample_part(chosen, sample)
    stored: list[Part] = []
    while (cell := call.inputs.get(f"{array}{len(stored)}")) is not None:
        stored.append(Part(cell.array(array), cell.record["levels"][array]))
    return rows_of(stored, len(stored[0].values), chosen, call.device)


def indices_of(call: Call, split: str) -> np.ndarray:
    """Return the samples [n] of a split in the call's repetition."""
    dataset = call.component("dataset", Dataset)
    splits: Mapping[str, Any] = call.parameters["splits"]
    shares = tuple(splits["shares"].items())
    seed, repetition = splits["seed"], splits.get("repetition", 0)
    parts = _divided(dataset, call.identity("dataset"), shares, seed, repetition)
    if split == "transfer" and splits["transfer_images"] is not None:
        return random_part(parts[split], splits["transfer_images"], seed, repetition)
    return parts[split]


# Every cell of a worker divides the same dataset, which takes as long as a small cell does.
@lru_cache(maxsize=32)
def _divided(
    dataset: Dataset,
    content: str,
    shares: tuple[tuple[str, float], ...],
    seed: int,
    repetition: int,
) -> dict[str, np.ndarray]:
    return split_indices(dataset.length(), dataset.groups(), dict(shares), seed, repetition)


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
