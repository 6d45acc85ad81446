"""What people look at: some test images of each task, their labels, and what is predicted."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from taskspace.components import JSON, Call, Dataset
from taskspace.learning.shown import seen, shown, whole
from taskspace.learning.splits import random_part
from taskspace.studies.cotraining.cells.learners import ArmTask, task_examples

PREVIEW = 5
"""Test images that are shown of each task."""


@torch.inference_mode()
def previews(
    call: Call, number: int, arm: ArmTask, network: nn.Module, rows: np.ndarray
) -> tuple[dict[str, JSON], dict[str, np.ndarray]]:
    """Return a sample of a task's test images with their labels and what a network predicts.

    The sample is the same in every arm. `input`, `truth` and `predicted` are pictures, uint8
    [n, 3, H, W], under their name and the task's number; what is no picture is among the words, a
    line an image.

    Args:
        number: of the task in the arm.
        rows: numbers of its test images.
    """
    data = task_examples(call, number, random_part(rows, PREVIEW, seed=0))
    inputs, targets = whole(data.inputs), whole(data.targets)
    fields = call.component("dataset", Dataset).fields()
    values = {"truth": targets, "predicted": arm.task.decode(network.eval()(inputs))}
    parts = {name: shown(arm.task, each, inputs, fields) for name, each in values.items()}
    words = {n: part.record["words"] for n, part in parts.items() if "words" in part.record}
    arrays = {n: part.arrays["preview"] for n, part in parts.items() if part.arrays}
    arrays["input"] = seen(inputs)
    return words, {f"{name}{number}": array for name, array in arrays.items()}
