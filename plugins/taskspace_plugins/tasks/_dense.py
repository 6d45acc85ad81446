"""What all tasks share that predict pixels and are measured by their absolute error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import DenseHead, Field, Loss, Task
from taskspace.components.losses import l1


class PixelTask(Task):
    """An image per image: mean absolute error over the pixels that the target has.

    The Taskonomy networks add an adversarial term (Zamir et al. 2018, supplement); it is left out,
    because win rates compare the same loss for every network.
    """

    metric: ClassVar[str] = "l1"

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return as many channels as the image has."""
        return DenseHead(fields["image"].shape[0])

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] of [B, C, H, W]; NaN in the target is missing."""
        return l1(prediction, target)
