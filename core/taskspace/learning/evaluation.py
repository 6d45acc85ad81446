"""Predictions for many samples, block by block: losses and metrics per image."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Loss, Result, Task
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, head_of, image_shape
from taskspace.learning.rows import Rows, blocks

MOST_IMAGES = 512
MOST_NUMBERS = 1 << 23
"""How many images pass a network at once, and how many numbers it may predict for them."""


@torch.inference_mode()
def apply(network: Callable[[Tensor], Tensor], inputs: Rows) -> Tensor:
    """Return what a network in evaluation mode gives for all inputs."""
    return torch.cat([network(block) for block in blocks(inputs, _at_once(inputs))])


@torch.inference_mode()
def measured(network: nn.Module, call: Call, data: Examples) -> Result:
    """Return losses and metric [N] of a network for the call's task, NaN where a label is missing.

    The record holds their means, None where no image has a label.

    Args:
        data: what the network reads, and the targets.

    Raises:
        CellError: if one is not finite although its label is there.
    """
    task = call.component("task", Task)
    numbers = prod(head_of(call).shape(image_shape(call)))
    size = max(1, min(_at_once(data.inputs), MOST_NUMBERS // numbers))
    network.eval()
    losses, metrics = [], []
    for inputs, targets in zip(blocks(data.inputs, size), blocks(data.targets, size), strict=True):
        prediction = network(inputs)
        losses.append(_present(task.loss(prediction, targets), task))
        metrics.append(_present(task.measure(prediction, targets), task))
    loss, metric = np.concatenate(losses), np.concatenate(metrics)
    return Result({"loss": _mean(loss), "metric": _mean(metric)}, {"loss": loss, "metric": metric})


def _at_once(inputs: Rows) -> int:
    """Return how many inputs pass a network at once; each view of one is an image."""
    views = inputs.shape[1] if len(inputs.shape) == 5 else 1
    return max(1, MOST_IMAGES // views)


def _present(values: Loss, task: Task) -> np.ndarray:
    """Return values [N], NaN where a label is missing."""
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
