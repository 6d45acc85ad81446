"""Which way surfaces face."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import Loss, Sample
from taskspace.components.losses import l1
from taskspace_plugins.tasks._labelled import DenseLabelTask, grey_where_missing
from taskspace_plugins.tasks.geometry._directions import angle

SHORTEST = 0.5
"""Labels below this length say no direction (a stored 0 in all three) and are missing."""


class Normals(DenseLabelTask):
    """The direction that the surface at each pixel faces: a unit vector in the camera's frame.

    Taskonomy, Sec. 3 (surface normals), x right, y up, z to the viewer. The loss is the paper's L1
    and not a cosine, so that affinities compare with the published ones and the length of a
    prediction is not left free; the metric forgets the length.
    """

    name: ClassVar[str] = "normals"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "normals"})
    metric: ClassVar[str] = "angular_error_degrees"
    label: ClassVar[str] = "normals"
    channels: ClassVar[int] = 3

    def target(self, sample: Sample) -> Tensor:
        """Return unit vectors [B, 3, H, W]; NaN is missing."""
        normals = sample[self.label]
        length = normals.norm(dim=1, keepdim=True)
        return torch.where(length >= SHORTEST, normals / length, torch.nan)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean angle between predicted and true direction in degrees [B]."""
        error = angle(prediction, target, dim=1).rad2deg()
        return l1(error, target[:, 0] * 0)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return directions of length one."""
        return functional.normalize(prediction, dim=1)

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return x, y and z as red, green and blue: -1 is dark, 1 is bright."""
        return grey_where_missing((values + 1) / 2, values)
