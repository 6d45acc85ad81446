"""Predictions on a split, block by block: losses, metrics, and what people look at."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Dataset, Loss, Result, Task
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, head_of, image_shape
from taskspace.learning.rows import Rows, blocks
from taskspace.learning.samples import random_part
from taskspace.studies.taxonomy.cells.data import task_inputs

MOST_IMAGES = 512
MOST_NUMBERS = 1 << 23
"""How many images pass a network at once, and how many numbers it may predict for them."""

PREVIEW = 6
"""Images whose predictions are kept for the report."""


@torch.inference_mode()
def apply(network: Callable[[Tensor], Tensor], inputs: Rows) -> Tensor:
    """Return what a network in evaluation mode gives for all inputs."""
    return torch.cat([network(block) for block in blocks(inputs, _at_once(inputs))])


@torch.inference_mode()
def measured(network: nn.Module, call: Call, data: Examples, *, preview: bool = False) -> Result:
    """Return losses and metric [N] of a network, NaN where a label is missing.

    Args:
        data: what the network reads, and the targets.
        preview: also return the predictions for a sample of `test` as people look at them.
    """
    task = call.component("task", Task)
    head = head_of(call)
    numbers = prod(head.shape(image_shape(call)))
    size = max(1, min(_at_once(data.inputs), MOST_NUMBERS // numbers))
    network.eval()
    losses, metrics = [], []
    for inputs, targets in zip(blocks(data.inputs, size), blocks(data.targets, size), strict=True):
        prediction = network(inputs)
        losses.append(_present(task.loss(prediction, targets), task))
        metrics.append(_present(task.measure(prediction, targets), task))
    loss, metric = np.concatenate(losses), np.concatenate(metrics)
    first: Result = Result()
    if preview:
        first = shown(call, task.decode(network(data.inputs[sampled(len(data.inputs))])))
    return Result(
        {"loss": _mean(loss), "metric": _mean(metric), **first.record},
        {"loss": loss, "metric": metric, **first.arrays},
    )


def shown(call: Call, values: Tensor) -> Result:
    """Return a sample's targets or decoded predictions on `test` as pictures or as words.

    The array `preview` is uint8 [n, 3, H, W]; without it the record has `words`, a line an image.
    """
    task = call.component("task", Task)
    picture = task.picture(values, whole(task_inputs(call, "test", PREVIEW)))
    if picture is None:
        return Result({"words": task.words(values, call.component("dataset", Dataset).fields())})
    return Result(arrays={"preview": as_bytes(picture)})


def _at_once(inputs: Rows) -> int:
    """Return how many inputs pass a network at once; each view of one is an image."""
    views = inputs.shape[1] if len(inputs.shape) == 5 else 1
    return max(1, MOST_IMAGES // views)


def sampled(count: int) -> Tensor:
    """Return the positions of a preview's sample among `count` rows.

    The rows that `task_inputs(..., sample=PREVIEW)` gives: at random, since datasets are often
    sorted by class.
    """
    return torch.from_numpy(random_part(np.arange(count), PREVIEW, seed=0))


def whole(rows: Rows) -> Tensor:
    """Return all rows as one tensor."""
    return rows[torch.arange(len(rows))]


def as_bytes(picture: Tensor) -> np.ndarray:
    """Return values in [0, 1] as uint8."""
    pixels: np.ndarray = (picture * 255).round().clamp(0, 255).byte().cpu().numpy()
    return pixels


def _present(values: Loss, task: Task) -> np.ndarray:
    """Return values [N], NaN where a label is missing.

    Raises:
        CellError: if one is not finite although its label is there.
    """
    wrong = values.valid & ~torch.isfinite(values.value)
    if wrong.any():
        raise CellError(
            f"The loss of the task {task.name!r} is not finite on {int(wrong.sum())} images.",
            advice="Look for infinite or enormous labels.",
        )
    present: np.ndarray = torch.where(values.valid, values.value.float(), torch.nan).cpu().numpy()
    return present


def _mean(values: np.ndarray) -> float | None:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else None
