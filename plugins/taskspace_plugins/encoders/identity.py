"""The image itself as its code."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from taskspace.components import Encoder, Shape


class IdentityEncoder(Encoder):
    """The code of an image is the image, as it is: for features that were computed elsewhere.

    It has no weights. With the dataset `features_file`, what follows reads the features directly.
    """

    name: ClassVar[str] = "identity"
    trained: ClassVar[bool] = False

    def code_shape(self, image: Shape) -> Shape:
        """Return the shape of the image."""
        return image

    def build(self, image: Shape) -> nn.Module:
        """Return a network that gives what it is given, [B, *image]."""
        return nn.Identity()
