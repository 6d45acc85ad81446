"""Blobs and corners of brightness."""

from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._image import blob_response, grey
from taskspace_plugins.tasks.responses._response import ResponseTask


class Keypoints2d(ResponseTask):
    """How much of a blob or corner each pixel is the middle of: the determinant of the Hessian.

    Taskonomy, Sec. 3, takes the response of SURF (Bay et al. 2006), which approximates this
    determinant (Lindeberg 1998) with boxes. A dataset's field `keypoints_2d` is taken instead.
    """

    name: ClassVar[str] = "keypoints_2d"

    sigma: float = pydantic.Field(
        1.5,
        gt=0,
        le=100,
        description="Deviation in pixels of the Gaussian under which blobs are looked for: the "
        "strongest are disks with a radius of 1.4 of it.",
    )

    def derive(self, sample: Sample) -> Tensor:
        """Return the strength [B, 1, H, W] in [0, 1]; see `blob_response`."""
        return blob_response(grey(sample["image"]), self.sigma)[:, None]
