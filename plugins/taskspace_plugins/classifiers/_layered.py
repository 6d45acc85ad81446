"""What the built-in classifiers share: fully connected layers, and their sizes."""

from __future__ import annotations

import pydantic
from torch import nn

from taskspace.components import Classifier


class LayeredClassifier(Classifier):
    """A classifier whose network has one stack of fully connected layers."""

    hidden: int = pydantic.Field(
        1024, ge=1, le=16384, examples=[8], description="Width of all layers but the last."
    )
    layers: int = pydantic.Field(2, ge=1, le=32, description="Fully connected layers.")

    def stack(self, inputs: int, outputs: int) -> nn.Sequential:
        """Return layers [B, inputs] -> [B, outputs] with ReLU between them."""
        widths = [inputs, *[self.hidden] * (self.layers - 1), outputs]
        parts: list[nn.Module] = [nn.Linear(widths[0], widths[1])]
        for number in range(1, self.layers):
            parts += [nn.ReLU(), nn.Linear(widths[number], widths[number + 1])]
        return nn.Sequential(*parts)
