"""What people look at: inputs, targets and predictions, as pictures or as words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Field, Result, Task
from taskspace.learning.examples import Rows


def shown(task: Task, values: Tensor, inputs: Tensor, fields: Mapping[str, Field]) -> Result:
    """Return targets or decoded predictions as pictures or as words.

    The array `preview` is uint8 [n, 3, H, W]; without it the record has `words`, a line an image.

    Args:
        values: targets, or what the task decodes, [n, ...].
        inputs: of the same images, [n, ...].
        fields: of the dataset.
    """
    picture = task.picture(values, inputs)
    if picture is None:
        return Result({"words": task.words(values, fields)})
    return Result(arrays={"preview": as_bytes(picture)})


def seen(inputs: Tensor) -> np.ndarray:
    """Return inputs as pictures, uint8 [n, 3, H, W]; views of one stand side by side.

    Args:
        inputs: [n, C, H, W], or [n, V, C, H, W]; other channels than three become one grey.
    """
    views = torch.cat(list(inputs.unbind(1)), dim=3) if inputs.ndim == 5 else inputs
    grey = views if views.shape[1] in (1, 3) else views.mean(dim=1, keepdim=True)
    return as_bytes(grey.expand(-1, 3, -1, -1))


def whole(rows: Rows) -> Tensor:
    """Return all rows as one tensor."""
    return rows[torch.arange(len(rows))]


def as_bytes(picture: Tensor) -> np.ndarray:
    """Return values in [0, 1] as uint8."""
    pixels: np.ndarray = (picture * 255).round().clamp(0, 255).byte().cpu().numpy()
    return pixels
