"""The encoder of the paper."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
from torch import nn

from taskspace.components import Encoder, EncoderStage, Shape
from taskspace_plugins.encoders._conv import Centred, convolution, reduced
from taskspace_plugins.encoders._residual import GROUP, bottleneck, normalised, stack

BLOCKS = {26: (2, 2, 2, 2), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Bottleneck blocks of the four stages by the number of layers (He et al. 2016a, tab. 1)."""


class Resnet50(Encoder):
    """ResNet-50 without pooling of the code, as in Taskonomy: 256x256 becomes 8 x 16 x 16.

    Source: Zamir et al. 2018, Sec. 3 and supplement; He et al. 2016a, tab. 1. The last stage keeps
    the resolution of the third, and a 3x3 convolution compresses its 2,048 channels to the code.
    The paper normalises over batches, after each convolution; here groups of channels are
    normalised, before each, because the code of an image must not depend on other images.
    """

    name: ClassVar[str] = "resnet50"

    width: int = pydantic.Field(
        64,
        ge=GROUP,
        le=256,
        multiple_of=GROUP,
        examples=[GROUP],
        description="Channels after the first layer, 64 in the paper; the last stage has 32 times "
        "as many.",
    )
    layers: Literal[26, 50, 101] = pydantic.Field(
        50, examples=[26], description="Weighted layers; the paper's network has 50."
    )
    code_channels: int = pydantic.Field(8, ge=1, le=1024, description="Channels of the code.")
    factor: Literal[4, 8, 16, 32] = pydantic.Field(
        16, description="By how much the code is smaller than the image, rounded up."
    )

    def code_shape(self, image: Shape) -> Shape:
        """Return (code_channels, ceil(H / factor), ceil(W / factor))."""
        return reduced(image, self.code_channels, self.factor)

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)]."""
        return nn.Sequential(*(layer for layers, _ in self._stages(image) for layer in layers))

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the stem and the four stages; the last one ends with the compression."""
        parts = self._stages(image)
        return tuple(EncoderStage(nn.Sequential(*layers), shape) for layers, shape in parts)

    def stage_count(self) -> int:
        """Return 5."""
        return 1 + len(BLOCKS[self.layers])

    def _stages(self, image: Shape) -> list[tuple[list[nn.Module], Shape]]:
        stem: list[nn.Module] = [
            Centred(),
            convolution(image[0], self.width, 7, stride=2, bias=False),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
        before, factor = self.width, 4
        parts = [(stem, reduced(image, before, factor))]
        for stage, count in enumerate(BLOCKS[self.layers]):
            after = self.width * 4 << stage
            stride = 2 if stage and factor < self.factor else 1
            layers = stack(bottleneck, before, after, count, stride)
            before, factor = after, factor * stride
            parts.append((layers, reduced(image, before, factor)))
        last, _ = parts.pop()
        last += [*normalised(before), convolution(before, self.code_channels, 3)]
        return [*parts, (last, self.code_shape(image))]
