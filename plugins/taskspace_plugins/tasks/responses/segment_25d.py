"""Superpixels of the image and its depth."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pydantic
import torch
from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace_plugins.tasks._depth_label import FromDepth, depth_of
from taskspace_plugins.tasks.responses._segments import SegmentTask


class Segment25d(FromDepth, SegmentTask):
    """Which pixels belong together by colour, depth and direction (Taskonomy, Sec. 3).

    The superpixels of `segment_2d`, on red, green and blue, the logarithm of depth and, where the
    dataset has them, the normals, each with its weight; or the dataset's field `segment_25d`.
    """

    name: ClassVar[str] = "segment_25d"

    depth_weight: float = pydantic.Field(
        1.0,
        ge=0,
        description="What a factor of e (2.7) in depth counts; from black to white in one colour "
        "counts 1.",
    )
    normals_weight: float = pydantic.Field(
        0.5, ge=0, description="What a change of 1 in a component of the normal counts."
    )

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the label, or else depth and, where there are any, normals."""
        needed = super().needs(fields)
        derived = self.name not in fields
        return needed | {"normals"} if derived and "normals" in fields else needed

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return a vector for each place.

        Raises:
            DataError: if the dataset's label, or else its depth, has another size than the images.
        """
        if self.name not in fields:
            self.check_depth(fields)
        return super().head(fields)

    def derive(self, sample: Sample) -> Tensor:
        """Return the superpixel of each pixel [B, H, W], int64; -1 where the depth is missing.

        For the segmentation, missing depths and normals are those of the nearest pixel.
        """
        depth = depth_of(sample)
        layers = [self.depth_weight * torch.where(depth > 0, depth, torch.nan).log()]
        if "normals" in sample:
            layers.append(self.normals_weight * sample["normals"])
        present = (depth > 0).squeeze(1).cpu().numpy()
        colours, *others = (each.cpu().numpy() for each in (sample["image"], *layers))
        ids = np.full(present.shape, -1, dtype=np.int64)
        for i in np.flatnonzero(present.any(axis=(1, 2))):
            channels = [colours[i], *(filled(each[i]) for each in others)]
            image = np.concatenate(channels).transpose(1, 2, 0)
            with warnings.catch_warnings():
                # scikit-image doubts that more than three channels are meant.
                warnings.filterwarnings("ignore", "Got image with third dimension", RuntimeWarning)
                found = self.superpixels(image)
            ids[i] = np.where(present[i], found, -1)
        return torch.from_numpy(ids).to(depth.device)


def filled(values: np.ndarray) -> np.ndarray:
    """Return [C, H, W] with the nearest pixel that has all values where one is NaN.

    0 everywhere if there is no such pixel.
    """
    missing = np.isnan(values).any(axis=0)
    if missing.all():
        return np.zeros_like(values)
    if not missing.any():
        return values
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415  slow to import

    nearest = distance_transform_edt(missing, return_distances=False, return_indices=True)
    found: np.ndarray = values[:, nearest[0], nearest[1]]
    return found
