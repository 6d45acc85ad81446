"""Tasks that predict distances."""

from __future__ import annotations

from math import log
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Loss, Sample
from taskspace.components.losses import l1
from taskspace_plugins.tasks._labelled import DenseLabelTask, grey_where_missing

NEAR, FAR = 0.5, 6.0
"""The depths, in metres, that are white and black in pictures."""

FARTHEST = 1000.0
"""Predictions beyond this many metres count as this in the metric, which would overflow."""


class DepthTask(DenseLabelTask):
    """A depth per pixel: L1 on the logarithm of metres.

    The logarithm makes an error count by its share of the depth, so that far walls do not outweigh
    what is near; Taskonomy trains on a compressed depth as well. Depths that are not positive are
    missing.
    """

    metric: ClassVar[str] = "relative_error"

    def target(self, sample: Sample) -> Tensor:
        """Return log(depth / 1 m) [B, 1, H, W]; NaN is missing."""
        depth = sample[self.label]
        return torch.where(depth > 0, depth, torch.nan).log()

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean of |predicted - true| / true over the depths in metres: [B]."""
        excess = prediction.clamp(max=log(FARTHEST)) - target
        return l1(excess.expm1(), target * 0)

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return near as bright and far as dark, from `NEAR` to `FAR` by the logarithm."""
        grey = (log(FAR) - values) / log(FAR / NEAR)
        return grey_where_missing(grey.expand(-1, 3, -1, -1), values)
