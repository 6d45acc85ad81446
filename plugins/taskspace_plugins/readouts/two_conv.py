"""The readout of the paper, in small."""

from __future__ import annotations

from typing import ClassVar

import pydantic
from torch import nn

from taskspace.components import Head, Readout, Shape
from taskspace_plugins.encoders._conv import convolution
from taskspace_plugins.readouts.linear import Linear


class TwoConv(Readout):
    """Two 3x3 convolutions, then one linear layer to the prediction.

    Taskonomy (Sec. 3.2): transfer functions are shallow, so that they measure what the code makes
    easy to reach. A map is predicted by sub-pixel convolution, a block of pixels a cell.
    """

    name: ClassVar[str] = "two_conv"

    width: int = pydantic.Field(
        32, ge=1, le=1024, description="Channels after each of the two convolutions."
    )

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, size] or [B, channels, rows, columns]."""
        channels, height, width = code
        return nn.Sequential(
            convolution(channels, self.width, 3),
            nn.ReLU(inplace=True),
            convolution(self.width, self.width, 3),
            nn.ReLU(inplace=True),
            Linear().build((self.width, height, width), head, image),
        )
