"""The task `symmetry`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pydantic
import torch
from taskspace.components import Field, Loss, Sample, Task, VectorHead
from taskspace.components.losses import l1, l2
from torch import Tensor

from taskspace_sketch._mirror import mirror_overlap

_DIMS = {"left_right": (2,), "up_down": (1,), "both": (2, 1)}


class Symmetry(Task):
    """How much of the image is its own mirror image; the labels come from the image itself."""

    name: ClassVar[str] = "symmetry"
    metric: ClassVar[str] = "absolute_error"
    label_cost: ClassVar[float] = 0.0

    axes: Literal["both", "left_right", "up_down"] = pydantic.Field(
        "both", description="Which mirrors: left for right, upside down, or one number for each."
    )

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one number a mirror."""
        return VectorHead(len(_DIMS[self.axes]))

    def target(self, sample: Sample) -> Tensor:
        """Return the overlaps [B, mirrors], scaled to [-1, 1]; NaN where there is no ink."""
        ink = sample["image"].mean(dim=1)
        overlaps = [mirror_overlap(ink, dim) for dim in _DIMS[self.axes]]
        return 2 * torch.stack(overlaps, dim=1) - 1

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B]."""
        return l2(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] as a share of the ink."""
        return l1(prediction / 2, target / 2)
