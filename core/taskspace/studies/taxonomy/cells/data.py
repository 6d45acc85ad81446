"""A task's inputs and targets on a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from taskspace.components import Call, Dataset, Head, Shape, Task
from taskspace.studies.taxonomy.cells.numerics import generator
from taskspace.studies.taxonomy.splits import random_part, split_indices

BLOCK = 256
"""Samples that are read at once and share a generator; part of what a sample's noise means."""


class Examples(NamedTuple):
    """Inputs [N, C, H, W] and targets [N, ...] of a split."""

    inputs: Tensor
    targets: Tensor


def examples(call: Call, split: str) -> Examples:
    """Return the examples of the call's task on a split, on the call's device."""
    inputs, targets = _examples(
        call.component("dataset", Dataset), call.component("task", Task), _part(call, split)
    )
    return Examples(inputs.to(call.device), targets.to(call.device))


def images(call: Call, split: str) -> Tensor:
    """Return the images [N, C, H, W] of a split as they are, on the call's device."""
    return _images(call.component("dataset", Dataset), _part(call, split)).to(call.device)


def head_of(call: Call) -> Head:
    """Return the head of the task on the dataset."""
    return call.component("task", Task).head(call.component("dataset", Dataset).fields())


def image_shape(call: Call) -> Shape:
    """Return the shape (C, H, W) of the dataset's images."""
    channels, height, width = call.component("dataset", Dataset).fields()["image"].shape
    return channels, height, width


@dataclass(frozen=True)
class _Part:
    """Which samples: the dataset's content, a split, and how the dataset is divided."""

    content: str
    split: str
    shares: tuple[tuple[str, float], ...]
    seed: int
    count: int | None


def _part(call: Call, split: str) -> _Part:
    splits: Mapping[str, Any] = call.parameters["splits"]
    count = splits["transfer_images"] if split == "transfer" else None
    shares = tuple(splits["shares"].items())
    return _Part(call.identity("dataset"), split, shares, splits["seed"], count)


# Cells of one worker use the same few splits one after another; components are frozen, so equal
# ones are the same.
@lru_cache(maxsize=8)
def _examples(dataset: Dataset, task: Task, part: _Part) -> Examples:
    blocks = []
    for number, sample in enumerate(_samples(dataset, part)):
        example = task.example(sample, generator(part.seed, task.name, part.split, number))
        blocks.append(Examples(example.input, example.target))
    return Examples(
        torch.cat([block.inputs for block in blocks]),
        torch.cat([block.targets for block in blocks]),
    )


@lru_cache(maxsize=4)
def _images(dataset: Dataset, part: _Part) -> Tensor:
    return torch.cat([sample["image"] for sample in _samples(dataset, part)])


def _samples(dataset: Dataset, part: _Part) -> list[Mapping[str, Tensor]]:
    parts = split_indices(dataset.length(), dataset.groups(), dict(part.shares), part.seed)
    indices = parts[part.split]
    if part.count is not None:
        indices = random_part(indices, part.count, part.seed)
    return [dataset.read(indices[start : start + BLOCK]) for start in range(0, len(indices), BLOCK)]
