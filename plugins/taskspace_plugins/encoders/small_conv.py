"""A small convolutional encoder."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
from torch import nn

from taskspace.components import Encoder, Shape
from taskspace_plugins.encoders._conv import convolution, halvings, reduced


class SmallConv(Encoder):
    """Convolutions with stride 2 down to a small code: for tiny images and quick trials.

    An 8x8 image becomes 8 x 2 x 2 = 32 numbers with the defaults: a bottleneck, as in Taskonomy,
    where 256x256 becomes 8 x 16 x 16.
    """

    name: ClassVar[str] = "small_conv"

    width: int = pydantic.Field(
        32, ge=1, le=1024, description="Channels after the first layer; doubled at each halving."
    )
    code_channels: int = pydantic.Field(8, ge=1, le=1024, description="Channels of the code.")
    factor: Literal[2, 4, 8, 16, 32, 64] = pydantic.Field(
        4, description="By how much the code is smaller than the image, rounded up."
    )

    def code_shape(self, image: Shape) -> Shape:
        """Return (code_channels, ceil(H / factor), ceil(W / factor))."""
        return reduced(image, self.code_channels, self.factor)

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)]."""
        layers: list[nn.Module] = []
        before = image[0]
        for level in range(halvings(self.factor)):
            after = self.width << level
            layers += [convolution(before, after, 3, stride=2), nn.ReLU(inplace=True)]
            before = after
        layers += [convolution(before, before, 3), nn.ReLU(inplace=True)]
        layers += [convolution(before, self.code_channels, 1)]
        return nn.Sequential(*layers)
