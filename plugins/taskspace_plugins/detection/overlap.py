"""How much boxes overlap."""

from __future__ import annotations

import torch
from torch import Tensor


def generalized_iou(one: Tensor, other: Tensor) -> Tensor:
    """Return the generalized IoU [...] in (-1, 1] of boxes (Rezatofighi et al. 2019).

    It is the IoU less the share of the smallest box around both that neither covers, so that boxes
    apart have a slope towards each other. Boxes without an area have an IoU of 0 with all others.

    Args:
        one: left, top, right, bottom, [..., 4], in order.
        other: likewise.
    """
    first, last = torch.maximum(one, other), torch.minimum(one, other)
    covered = _area(first[..., :2], last[..., 2:])
    around = _area(last[..., :2], first[..., 2:])
    union = _area(one[..., :2], one[..., 2:]) + _area(other[..., :2], other[..., 2:]) - covered
    tiny = torch.finfo(one.dtype).tiny
    return covered / union.clamp(min=tiny) - (around - union) / around.clamp(min=tiny)


def _area(corner: Tensor, opposite: Tensor) -> Tensor:
    return (opposite - corner).clamp(min=0).prod(dim=-1)
