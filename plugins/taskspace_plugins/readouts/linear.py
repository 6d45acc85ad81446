"""The smallest readout."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from taskspace.components import DenseHead, Head, Readout, Shape
from taskspace_plugins.readouts._spread import Spread


class Linear(Readout):
    """One linear layer: from the whole code to a vector, from each cell to its block of pixels."""

    name: ClassVar[str] = "linear"

    def build(self, code: Shape, head: Head, image: Shape) -> nn.Module:
        """Return a network [B, *code] -> [B, size] or [B, channels, H, W]."""
        channels, height, width = code
        if isinstance(head, DenseHead):
            spread = Spread((height, width), image[1:])
            outputs = head.channels * spread.rows * spread.columns
            return nn.Sequential(nn.Conv2d(channels, outputs, 1), spread)
        return nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, head.size))
