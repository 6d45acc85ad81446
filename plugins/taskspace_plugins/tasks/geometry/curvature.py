"""How surfaces bend."""

from math import log1p
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Loss, Sample
from taskspace.components.losses import l1, l2
from taskspace_plugins.tasks._labelled import DenseLabelTask, grey_where_missing, whole_or_missing

STRONGEST = 1000.0
"""Predictions beyond this many 1/metre (a radius of a millimetre) count as this in the metric."""

VIVID = 10.0
"""The curvature, in 1/metre, that has the full colour in pictures."""


class Curvature(DenseLabelTask):
    """The two principal curvatures at each pixel, k1 >= k2, positive where the surface bulges.

    Taskonomy, Sec. 3 (principal curvature): L2, on sign(k) log(1 + |k|) with k in 1/metre. The
    scale is linear for gentle bends and puts a ball of 5 cm radius (k = 20) at 3, so that the
    smallest things do not decide everything.
    """

    name: ClassVar[str] = "curvature"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "curvature"})
    metric: ClassVar[str] = "absolute_error_per_metre"
    label: ClassVar[str] = "curvature"
    channels: ClassVar[int] = 2

    def target(self, sample: Sample) -> Tensor:
        """Return sign(k) log(1 + |k|) of both curvatures [B, 2, H, W]; NaN is missing."""
        return whole_or_missing(compressed(sample[self.label]))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] on the compressed scale."""
        return l2(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] in 1/metre."""
        limit = log1p(STRONGEST)
        return l1(expanded(prediction.clamp(-limit, limit)), expanded(target))

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return flat as white, convex as red, concave as blue and saddles as purple."""
        strength = values / (2 * log1p(VIVID))
        convex = strength.clamp(min=0).sum(dim=1, keepdim=True).clamp(max=1)
        concave = (-strength).clamp(min=0).sum(dim=1, keepdim=True).clamp(max=1)
        colours = torch.cat([1 - concave, 1 - convex - concave, 1 - convex], dim=1)
        return grey_where_missing(colours, values)


def compressed(curvature: Tensor) -> Tensor:
    """Return sign(k) log(1 + |k|) of curvatures in 1/metre."""
    return curvature.sign() * curvature.abs().log1p()


def expanded(values: Tensor) -> Tensor:
    """Return the curvatures in 1/metre that `compressed` made these of."""
    return values.sign() * values.abs().expm1()
