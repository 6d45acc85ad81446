"""Edges of brightness."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks._image import grey, sobel_magnitude


class Edges2d(PixelTask):
    """How strong the edge of brightness at each pixel is: the length of the Sobel gradient.

    Taskonomy (Sec. 3) takes Canny's response before suppression, which is this after a blur; tiny
    images have nothing to blur.
    """

    name: ClassVar[str] = "edges_2d"

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one channel."""
        return DenseHead(1)

    def target(self, sample: Sample) -> Tensor:
        """Return the strength of the edge [B, 1, H, W]; 1 is a step from black to white."""
        return sobel_magnitude(grey(sample["image"]))[:, None]
