"""Encoders: from an image to a code that readouts share."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Component

if TYPE_CHECKING:
    from torch import nn

Shape = tuple[int, int, int]
"""(channels, height, width)."""


class Encoder(Component):
    """A network from images to codes, the same for all tasks so that codes are comparable."""

    kind: ClassVar[str] = "encoder"

    @abstractmethod
    def code_shape(self, image: Shape) -> Shape:
        """Return the shape of the code of an image of shape `image`."""

    @abstractmethod
    def build(self, image: Shape) -> nn.Module:
        """Return a fresh network [B, *image] -> [B, *code_shape(image)].

        It is called with torch's own generator seeded, so the layers' usual initialisation is
        reproducible; it must draw from nothing else.
        """
