"""Fully connected layers, for what is no picture."""

from __future__ import annotations

import math
from typing import ClassVar

import pydantic
from torch import nn

from taskspace.components import Encoder, EncoderStage, Shape


class Mlp(Encoder):
    """Fully connected layers with ReLUs over all numbers of an image: for strings of bits.

    The code has no places: it is a vector, width x 1 x 1. Each layer is a stage.
    """

    name: ClassVar[str] = "mlp"

    width: int = pydantic.Field(64, ge=1, le=65536, description="Numbers after each layer.")
    depth: int = pydantic.Field(2, ge=1, le=16, description="Layers.")

    def code_shape(self, image: Shape) -> Shape:
        """Return (width, 1, 1)."""
        return self.width, 1, 1

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, width, 1, 1]."""
        return nn.Sequential(*(stage.network for stage in self.stages(image)))

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the layers, each [B, C, H, W] -> [B, width, 1, 1]."""
        sizes = (math.prod(image), *(self.width for _ in range(self.depth - 1)))
        return tuple(EncoderStage(self._layer(size), (self.width, 1, 1)) for size in sizes)

    def stage_count(self) -> int:
        """Return the depth."""
        return self.depth

    def _layer(self, before: int) -> nn.Module:
        layer = nn.Linear(before, self.width)
        # He et al. 2015, eq. 10, as the convolutions of the other encoders.
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
        return nn.Sequential(
            nn.Flatten(), layer, nn.ReLU(inplace=True), nn.Unflatten(1, (self.width, 1, 1))
        )
