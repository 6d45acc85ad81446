"""Images and labels of some samples, for all tasks at once, and how many labels there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from taskspace.components import JSON, Call, Result, Task
from taskspace.learning.examples import Rows, stored_parts, stored_rows
from taskspace.learning.examples import labelled as labelled_of_task
from taskspace.learning.splits import call_split


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


def load(call: Call, indices: np.ndarray) -> Data:
    """Return these samples with the labels of all tasks of the call."""
    images = stored_rows(call, "image", "image", indices)
    slots = [f"target{number}_" for number in range(task_count(call))]
    targets = tuple(stored_rows(call, slot, "target", indices) for slot in slots)
    return Data(images, targets, torch.from_numpy(labelled(call)[indices]))


def labelled(call: Call) -> np.ndarray:
    """Return which tasks each sample of the dataset has a label of, bool [samples, N]."""
    slots = [f"target{number}_" for number in range(task_count(call))]
    return np.stack([labelled_of_task(call, slot) for slot in slots], axis=1)


def labels(call: Call, number: int) -> np.ndarray | None:
    """Return the class of each sample for a task, int64 [samples], or None where it has none."""
    parts = stored_parts(call, f"target{number}_", "target")
    whole = all(np.issubdtype(part.values.dtype, np.integer) for part in parts)
    if parts[0].values.ndim > 1 or not whole or any(part.levels is not None for part in parts):
        return None
    return np.concatenate([part.values for part in parts]).astype(np.int64)


def tasks_of(call: Call) -> list[Task]:
    """Return the tasks of the call, in their order."""
    return [call.component(f"task{number}", Task) for number in range(task_count(call))]


def task_count(call: Call) -> int:
    """Return N."""
    return len(call.parameters["tasks"])


def count_labels(call: Call) -> Result:
    """Return, for each task, its training and test labels and its base rate.

    The base rate is the share of the most frequent class among the test labels; None where the
    task has no classes or no test labels.
    """
    divided, present = call_split(call), labelled(call)
    tasks: list[Mapping[str, JSON]] = []
    for number, name in enumerate(call.parameters["tasks"]):
        own = labels(call, number)
        tests = divided.test[present[divided.test, number]]
        counts = None if own is None else np.bincount(own[tests])
        rate = None if counts is None or not len(tests) else float(counts.max() / len(tests))
        train = int(present[divided.train, number].sum())
        tasks.append({"name": name, "train": train, "test": len(tests), "base_rate": rate})
    return Result({"tasks": tasks, "train": len(divided.train), "test": len(divided.test)})
