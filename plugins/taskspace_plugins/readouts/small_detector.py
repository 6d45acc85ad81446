"""A readout for boxes."""

from __future__ import annotations

import math
from typing import ClassVar

import pydantic
import torch
from torch import nn

from taskspace.components import BoxHead, DenseHead, Head, Readout, Shape
from taskspace_plugins.encoders._conv import convolution
from taskspace_plugins.encoders._residual import GROUP, normalised
from taskspace_plugins.readouts._linear_map import LinearMap, block_size
from taskspace_plugins.readouts.linear import Linear

PRIOR = 0.1
"""What the first predictions say of a class at a place (Lin et al. 2017, Sec. 3.3, on rarity)."""


class SmallDetector(Readout):
    """A one-stage detector on a code: 3x3 convolutions that double it to the map of boxes.

    The map has a logit for each class and four sides at each place, as `detection` wants it: no
    anchors, no proposals, no suppression. At the start all classes are rare, without which the many
    places without a box drown the others. It is one layer to a vector, and to any other map what it
    is to one of boxes.
    """

    name: ClassVar[str] = "small_detector"

    width: int = pydantic.Field(
        64, ge=GROUP, le=1024, multiple_of=GROUP, description="Channels of every layer."
    )

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, size] or [B, channels, rows, columns]."""
        if not isinstance(head, DenseHead):
            return Linear().build(code, head, image)
        side = head.side(image)
        channels, height, width = code
        layers = [*self._layer(channels)]
        while min(block_size(height, side[0]), block_size(width, side[1])) >= 2:
            layers += [nn.Upsample(scale_factor=2), *self._layer(self.width)]
            height, width = 2 * height, 2 * width
        last = LinearMap(self.width, (height, width), head.channels, side)
        if isinstance(head, BoxHead):
            _make_rare(last, head)
        return nn.Sequential(*layers, last)

    def _layer(self, before: int) -> tuple[nn.Module, ...]:
        return convolution(before, self.width, 3, bias=False), *normalised(self.width)


def _make_rare(last: LinearMap, head: BoxHead) -> None:
    bias = last.layer.bias
    assert bias is not None
    with torch.no_grad():
        bias.view(head.channels, -1)[: head.classes] = math.log(PRIOR / (1 - PRIOR))
