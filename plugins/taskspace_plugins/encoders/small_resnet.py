"""A small residual encoder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import pydantic
from torch import nn

from taskspace.components import Encoder, EncoderStage, Shape
from taskspace_plugins.encoders._conv import Centred, convolution, halvings, reduced
from taskspace_plugins.encoders._residual import GROUP, basic, normalised, stack


class SmallResnet(Encoder):
    """A residual network without pooling, as in Taskonomy (Sec. 3): the code keeps its place.

    The paper's ResNet-50 turns 256x256 into 8 x 16 x 16; this one turns 64x64 into 8 x 4 x 4.
    """

    name: ClassVar[str] = "small_resnet"

    width: int = pydantic.Field(
        32,
        ge=GROUP,
        le=1024,
        multiple_of=GROUP,
        description="Channels after the first layer; doubled at each halving, up to eight times.",
    )
    depth: int = pydantic.Field(1, ge=1, le=32, description="Residual blocks at each resolution.")
    code_channels: int = pydantic.Field(8, ge=1, le=1024, description="Channels of the code.")
    factor: Literal[2, 4, 8, 16, 32, 64] = pydantic.Field(
        16, description="By how much the code is smaller than the image, rounded up."
    )

    def code_shape(self, image: Shape) -> Shape:
        """Return (code_channels, ceil(H / factor), ceil(W / factor))."""
        return reduced(image, self.code_channels, self.factor)

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)]."""
        parts = (layers for layers, _ in self._resolutions(image))
        return nn.Sequential(*(layer for part in parts for layer in part))

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the parts of each resolution; the first layer is in the first."""
        parts = self._resolutions(image)
        return tuple(EncoderStage(nn.Sequential(*layers), shape) for layers, shape in parts)

    def stage_count(self) -> int:
        """Return how many resolutions there are."""
        return halvings(self.factor)

    def _resolutions(self, image: Shape) -> Iterator[tuple[list[nn.Module], Shape]]:
        """Yield the layers of each resolution, and the shape of what they give."""
        layers: list[nn.Module] = [Centred(), convolution(image[0], self.width, 3, stride=2)]
        before, count = self.width, self.stage_count()
        for level in range(count):
            after = self.width << min(level, 3)
            # The first layer has halved already.
            layers += stack(basic, before, after, self.depth, 2 if level else 1)
            before = after
            if level == count - 1:
                layers += [*normalised(before), convolution(before, self.code_channels, 1)]
                before = self.code_channels
            yield layers, reduced(image, before, 2 << level)
            layers = []
