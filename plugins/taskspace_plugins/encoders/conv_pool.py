"""Convolutions and pooling: the experts of the multi-clustering paper."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import ClassVar

import pydantic
from torch import nn

from taskspace.components import Encoder, EncoderStage, Shape
from taskspace_plugins.encoders._conv import convolution


class ConvPool(Encoder):
    """A few times a 3x3 convolution, a 2x2 maximum and a ReLU: the expert of Yan 2020, Sec. 3.2.

    The paper's order is convolution, ReLU, maximum. A ReLU keeps the order of numbers, so that the
    ReLU of the maximum is the maximum of the ReLUs, and of four numbers it sees one. Where nothing
    is left to halve, the map keeps its size. Each convolution is a stage.
    """

    name: ClassVar[str] = "conv_pool"

    width: int = pydantic.Field(32, ge=1, le=1024, description="Channels of every layer.")
    depth: int = pydantic.Field(4, ge=1, le=16, description="How many times.")

    def code_shape(self, image: Shape) -> Shape:
        """Return (width, H / 2^depth, W / 2^depth), rounded down and at least 1."""
        return self._shapes(image)[-1]

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)]."""
        return nn.Sequential(*(stage.network for stage in self.stages(image)))

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the layers, each [B, C, H, W] -> [B, width, H / 2, W / 2]."""
        shapes = (image, *self._shapes(image))
        return tuple(EncoderStage(self._layer(before), after) for before, after in pairwise(shapes))

    def stage_count(self) -> int:
        """Return the depth."""
        return self.depth

    def _shapes(self, image: Shape) -> list[Shape]:
        sides = accumulate(range(self.depth), lambda side, _: _halved(side), initial=image[1:])
        return [(self.width, *side) for side in sides][1:]

    def _layer(self, before: Shape) -> nn.Module:
        channels, height, width = before
        return nn.Sequential(
            convolution(channels, self.width, 3),
            nn.MaxPool2d((min(2, height), min(2, width))),
            nn.ReLU(inplace=True),
        )


def _halved(side: tuple[int, int]) -> tuple[int, int]:
    return max(side[0] // 2, 1), max(side[1] // 2, 1)
