"""What people look at: predictions and targets on `test`, as pictures or as words."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Dataset, Result, Task
from taskspace.learning.examples import Examples, Rows, inputs_of
from taskspace.learning.networks import measured
from taskspace.learning.splits import indices_of, random_part

PREVIEW = 6
"""Images whose predictions are kept for the report."""


@torch.inference_mode()
def previewed(network: nn.Module, call: Call, data: Examples) -> Result:
    """Return losses and metric [N] on `test`, and the predictions for a sample of it.

    The positions are those of `indices_of(call, "test", PREVIEW)`.
    """
    losses = measured(network, call, data)
    sample = torch.from_numpy(random_part(np.arange(len(data.inputs)), PREVIEW, seed=0))
    first = shown(call, call.component("task", Task).decode(network(data.inputs[sample])))
    return Result({**losses.record, **first.record}, {**losses.arrays, **first.arrays})


def shown(call: Call, values: Tensor) -> Result:
    """Return a sample's targets or decoded predictions on `test` as pictures or as words.

    The array `preview` is uint8 [n, 3, H, W]; without it the record has `words`, a line an image.
    """
    task = call.component("task", Task)
    picture = task.picture(values, whole(inputs_of(call, indices_of(call, "test", PREVIEW))))
    if picture is None:
        return Result({"words": task.words(values, call.component("dataset", Dataset).fields())})
    return Result(arrays={"preview": as_bytes(picture)})


def whole(rows: Rows) -> Tensor:
    """Return all rows as one tensor."""
    return rows[torch.arange(len(rows))]


def as_bytes(picture: Tensor) -> np.ndarray:
    """Return values in [0, 1] as uint8."""
    pixels: np.ndarray = (picture * 255).round().clamp(0, 255).byte().cpu().numpy()
    return pixels
