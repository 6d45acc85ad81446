"""Where one thing ends before another."""

from math import pi, sqrt
from typing import ClassVar

import pydantic
import torch
from torch import Tensor

from taskspace.components import Sample
from taskspace_plugins.tasks._depth_label import DepthMapTask, depth_of
from taskspace_plugins.tasks._image import gaussian_blur
from taskspace_plugins.tasks.responses._from_depth import occlusion_edges

PART = 32
"""By default a line is blurred by this part of the image's side."""


class EdgesOcclusion(DepthMapTask):
    """How surely one surface ends before another at each pixel.

    Taskonomy, Sec. 3 (occlusion edges, also called 3D edges): in [0, 1], L1. The dataset's field
    `edges_occlusion`, or else the relative jumps of its depth (see `occlusion_edges`), blurred: of
    lines one pixel wide the best guess under L1 is that there are none, which says nothing of what
    a network has understood.
    """

    name: ClassVar[str] = "edges_occlusion"

    sigma: float | None = pydantic.Field(
        None,
        ge=0,
        le=100,
        description="Deviation in pixels of the Gaussian that lines are widened with; null is a "
        f"{PART}nd of the image's side, 0 leaves them as they are.",
    )

    def derive(self, sample: Sample) -> Tensor:
        """Return how surely there is an edge [B, 1, H, W]; NaN is missing."""
        return occlusion_edges(depth_of(sample))

    def target(self, sample: Sample) -> Tensor:
        """Return the widened edges [B, 1, H, W]; a long straight one keeps its height."""
        edges = super().target(sample)[:, 0]
        sigma = min(edges.shape[1:]) / PART if self.sigma is None else self.sigma
        if sigma == 0:
            return edges[:, None]
        present = ~torch.isnan(edges)
        share = gaussian_blur(present.to(edges.dtype), sigma)
        wide = gaussian_blur(edges.nan_to_num(0.0), sigma) / share.clamp(min=1e-6)
        # A line of height 1 and width 1 is 1 / (sigma sqrt(2 pi)) high after the blur.
        height = (wide * max(1.0, sigma * sqrt(2 * pi))).clamp(0, 1)
        return torch.where(present, height, torch.nan)[:, None]
