"""Superpixels of the image."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks.responses._segments import SegmentTask


class Segment2d(SegmentTask):
    """Which pixels belong together by their colour: graph-based superpixels (Taskonomy, Sec. 3).

    The superpixels are those of Felzenszwalb and Huttenlocher 2004, as scikit-image computes them,
    or the dataset's field `segment_2d`.
    """

    name: ClassVar[str] = "segment_2d"

    def derive(self, sample: Sample) -> Tensor:
        """Return the superpixel of each pixel [B, H, W], int64."""
        pixels = sample["image"].permute(0, 2, 3, 1).cpu().numpy()
        ids = [self.superpixels(each) for each in pixels]
        return torch.from_numpy(np.stack(ids)).to(sample["image"].device)
