"""Edges of brightness."""

from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._image import gaussian_blur, grey, sobel_magnitude
from taskspace_plugins.tasks.responses._response import ResponseTask

TINY = 24
"""Images with fewer pixels a side have nothing to blur."""


class Edges2d(ResponseTask):
    """How strong the edge of brightness at each pixel is: Canny's response before suppression.

    Taskonomy, Sec. 3, after Canny 1986: the length of the Sobel gradient of the blurred image, or
    the dataset's field `edges_2d`.
    """

    name: ClassVar[str] = "edges_2d"

    sigma: float | None = pydantic.Field(
        None,
        ge=0,
        le=100,
        description="Deviation in pixels of the Gaussian blur before; null is 1, and 0, which is "
        f"none, for images of fewer than {TINY} pixels a side.",
    )

    def derive(self, sample: Sample) -> Tensor:
        """Return the strength of the edge [B, 1, H, W]; 1 is a sharp step from black to white."""
        image = grey(sample["image"])
        sigma = self.sigma
        if sigma is None:
            sigma = 0.0 if min(image.shape[1:]) < TINY else 1.0
        return sobel_magnitude(gaussian_blur(image, sigma))[:, None]
