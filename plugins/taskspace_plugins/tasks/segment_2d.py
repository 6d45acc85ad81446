"""Superpixels of the image."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pydantic
import torch
from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._segments import SegmentTask
from taskspace_plugins.tasks._superpixels import superpixels


class Segment2d(SegmentTask):
    """Which pixels belong together by their colour: graph-based superpixels (Taskonomy, Sec. 3).

    The superpixels are those of Felzenszwalb and Huttenlocher 2004, as scikit-image computes them,
    or the dataset's field `segment_2d`.
    """

    name: ClassVar[str] = "segment_2d"

    scale: float = pydantic.Field(
        40.0,
        gt=0,
        description="How much larger segments are preferred (`k` of the paper), for images of "
        "64x64 pixels; it grows with the side of the image.",
    )
    sigma: float = pydantic.Field(
        0.5, ge=0, description="Deviation in pixels of the Gaussian blur before."
    )
    min_size: float = pydantic.Field(
        0.005, ge=0, lt=1, description="The smallest segment, as a share of the image."
    )

    def segments(self, sample: Sample) -> Tensor:
        """Return the superpixel of each pixel [B, H, W], int64."""
        pixels = sample["image"].permute(0, 2, 3, 1).cpu().numpy()
        ids = [superpixels(each, self.scale, self.sigma, self.min_size) for each in pixels]
        return torch.from_numpy(np.stack(ids)).to(sample["image"].device)
