"""How thick the strokes are."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import Field, Loss, Sample, Task, VectorHead
from taskspace.components.losses import l2
from taskspace_plugins.tasks._image import grey, mean_thickness


class StrokeThickness(Task):
    """How thick the strokes are, in pixels: twice their area over their perimeter."""

    name: ClassVar[str] = "stroke_thickness"
    metric: ClassVar[str] = "l2"

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one number."""
        return VectorHead(1)

    def target(self, sample: Sample) -> Tensor:
        """Return the mean thickness in pixels [B, 1]; NaN where there is no ink."""
        return mean_thickness(grey(sample["image"]))[:, None]

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the squared error [B], in square pixels."""
        return l2(prediction, target)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the thickness with its unit."""
        numbers = super().words(values, fields)
        return [words if words == "missing" else f"{words} pixels" for words in numbers]
