"""The smallest readout."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import nn

from taskspace.components import DenseHead, Head, Readout, Shape
from taskspace_plugins.readouts._linear_map import LinearMap


class Linear(Readout):
    """One linear layer: from the whole code to a vector, from each cell to its block of pixels."""

    name: ClassVar[str] = "linear"

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, size] or [B, channels, rows, columns]."""
        if isinstance(head, DenseHead):
            return LinearMap(code[0], code[1:], head.channels, head.side(image))
        return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(code), head.size))
