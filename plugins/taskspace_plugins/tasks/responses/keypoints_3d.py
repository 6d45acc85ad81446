"""Corners of surfaces."""

from typing import ClassVar

from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._depth_label import DepthMapTask, depth_of
from taskspace_plugins.tasks.responses._from_depth import keypoints


class Keypoints3d(DepthMapTask):
    """How much of a corner of the surface each pixel shows, by its depth and not by its colour.

    Taskonomy, Sec. 3 (3D keypoints): in [0, 1], L1. The dataset's field `keypoints_3d`, or else
    where the slope of inverse depth varies in two directions (see `keypoints`); the paper takes
    the NARF response (Steder et al. 2011), which wants a sensor's position.
    """

    name: ClassVar[str] = "keypoints_3d"

    def derive(self, sample: Sample) -> Tensor:
        """Return the strength of the corner [B, 1, H, W]; NaN is missing."""
        return keypoints(depth_of(sample))
