"""How many images and labels there are to learn from and to judge by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from taskspace.components import JSON, Call, Dataset, Field, Result, Task
from taskspace.learning.examples import Rows, blocks, stored_rows
from taskspace.learning.splits import indices_of
from taskspace.studies.taxonomy.job import SPLITS

AT_ONCE = 64


def count_labels(call: Call) -> Result:
    """Return the images of each split and, for each task, how many have a label.

    A task with a class per image also says how many of each; one with numbers per image their mean
    and deviation on `train`, in the units that networks learn. Of the first repetition.
    """
    fields = call.component("dataset", Dataset).fields()
    chosen = {split: indices_of(call, split) for split in SPLITS}
    tasks: dict[str, JSON] = {}
    for name in call.parameters["tasks"]:
        task = call.component(f"task/{name}", Task)
        rows = {s: stored_rows(call, f"{name}/target", "target", i) for s, i in chosen.items()}
        tasks[name] = {split: _counted(task, found, fields) for split, found in rows.items()}
    return Result({"images": {s: len(found) for s, found in chosen.items()}, "tasks": tasks})


def _counted(task: Task, targets: Rows, fields: Mapping[str, Field]) -> dict[str, JSON]:
    present = torch.cat([_present(block) for block in blocks(targets, AT_ONCE)])
    counted: dict[str, JSON] = {"labels": int(present.sum())}
    if len(targets.shape) > 2 or not present.any():
        return counted
    labelled = targets[torch.nonzero(present)[:, 0]]
    if labelled.is_floating_point():
        numbers = labelled.double().reshape(len(labelled), -1)
        numbers = numbers[~numbers.isnan().any(dim=1)]
        if len(numbers):
            deviation = numbers.std(dim=0, correction=0)
            return counted | {"mean": numbers.mean(dim=0).tolist(), "deviation": deviation.tolist()}
        return counted
    if labelled.ndim == 1:
        values, counts = np.unique(labelled.numpy(), return_counts=True)
        words = task.words(torch.from_numpy(values), fields)
        return counted | {"classes": dict(zip(words, counts.tolist(), strict=True))}
    return counted


def _present(targets: Tensor) -> Tensor:
    """Return which targets [B, ...] hold anything: a number, or a class id of at least 0."""
    flat = targets.reshape(len(targets), -1)
    there = ~flat.isnan() if flat.is_floating_point() else flat >= 0
    return there.any(dim=1)
