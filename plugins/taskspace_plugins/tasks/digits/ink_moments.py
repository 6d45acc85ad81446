"""Where the ink is."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import Field, Loss, Sample, Task, VectorHead
from taskspace.components.losses import l2
from taskspace_plugins.tasks._image import grey, ink_moments


class InkMoments(Task):
    """How much ink there is, where, and how it is spread: moments up to the second (Hu 1962)."""

    name: ClassVar[str] = "ink_moments"
    metric: ClassVar[str] = "l2"

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return the six numbers of `ink_moments`."""
        return VectorHead(6)

    def target(self, sample: Sample) -> Tensor:
        """Return mass, centroid, spreads and covariance [B, 6]; NaN where there is no ink."""
        return ink_moments(grey(sample["image"]))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] over the moments that are there."""
        return l2(prediction, target)
