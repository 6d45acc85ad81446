"""The colours of a small image from its greys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import DenseHead, Example, Field, Loss, Sample, Shape, Task
from taskspace.components.losses import l2
from taskspace.errors import DataError
from taskspace_plugins.tasks._shrunk import as_stored, shrunk, shrunk_shape

LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue weigh in a grey (ITU-R BT.601)."""


class ColorizeRgb(Task):
    """An image in colours from its greys, both at a quarter of width and height.

    Source: Yan 2020, Sec. 4.2. The loss is the mean squared error over pixels and channels, without
    classes of colours as `colorization` has them: where a colour is uncertain it draws to the mean
    of those that may be.
    """

    name: ClassVar[str] = "colorize_rgb"
    metric: ClassVar[str] = "l2"
    source_only: ClassVar[bool] = True
    plain_input: ClassVar[bool] = False

    shrink: int = pydantic.Field(
        4, ge=1, le=64, description="Each square of this many pixels a side is one; 4 in the paper."
    )

    def input_shape(self, fields: Mapping[str, Field]) -> Shape:
        """Return (C, H / shrink, W / shrink), rounded up."""
        return shrunk_shape(super().input_shape(fields), self.shrink)

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return three channels at each pixel of the small image.

        Raises:
            DataError: if the images have no colours.
        """
        channels = fields["image"].shape[0]
        if channels != len(LUMA):
            raise DataError(
                f"The images have {channels} channel{'s' if channels > 1 else ''}, so there are "
                "no colours to predict.",
                where=f"task {self.name}",
                advice="Use a dataset of images with three channels (`channels: 3`), or leave the "
                "task out.",
            )
        return DenseHead(channels)

    def example(self, sample: Sample, generator: object) -> Example:
        """Return the greys in all three channels, and the colours: both [B, 3, h, w]."""
        colours = shrunk(sample["image"], self.shrink)
        grey = (colours * colours.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)
        return Example(as_stored(grey).expand(-1, len(LUMA), -1, -1).contiguous(), colours)

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] over pixels and channels."""
        return l2(prediction, target)
