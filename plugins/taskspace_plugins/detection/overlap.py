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
    covered = _area(
        torch.cat([torch.maximum(one[..., :2], other[..., :2]), _low(one, other)], dim=-1)
    )
    union = _area(one) + _area(other) - covered
    around = _area(
        torch.cat(
            [
                torch.minimum(one[..., :2], other[..., :2]),
                torch.maximum(one[..., 2:], other[..., 2:]),
            ],
            dim=-1,
        )
    )
    tiny = torch.finfo(one.dtype).tiny
    return covered / union.clamp(min=tiny) - (around - union) / around.clamp(min=tiny)


def _low(one: Tensor, other: Tensor) -> Tensor:
    return torch.minimum(one[..., 2:], other[..., 2:])


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)
