"""Boxes as a map: a peak of each class at the centres of its boxes, and four sides around it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components.detection.boxes import BoxTargets

SHRINK = 0.54
"""Of a box's sides, how much the hill around its centre takes (Liu et al. 2020, Sec. 4.1)."""

LARGEST_LOG = 6.0
"""Of a distance in strides: e^6 are 403 of them, wider than any map."""


class CentreTargets(NamedTuple):
    """What a map should say.

    Attributes:
        heat: in [0, 1], 1 at the centres of the boxes of a class, [B, K, h, w].
        counts: whether a place may be wrong at all; places in crowds may not, bool [B, h, w].
        boxes: left, top, right, bottom of the box that a place answers for, [B, h, w, 4].
        weights: of a place's box; those of a box sum to 1, [B, h, w].
        number: of boxes of each image, [B].
    """

    heat: Tensor
    counts: Tensor
    boxes: Tensor
    weights: Tensor
    number: Tensor


def centre_targets(
    labels: BoxTargets, classes: int, side: tuple[int, int], stride: int
) -> CentreTargets:
    """Return what a map should say of labelled boxes (Liu et al. 2020, Sec. 4; Zhou et al. 2019).

    A hill stands on the place of each centre: exp(-dx^2 / 2 sx^2 - dy^2 / 2 sy^2), cut off three
    sigma away. Of hills of one class that overlap the higher counts; a place that lies on several
    hills answers for the smallest box.

    Args:
        classes: how many there are, K.
        side: rows and columns of the map, h and w.
        stride: pixels of a place.
    """
    rows, columns = side
    boxes = labels.boxes
    single = labels.present & ~labels.crowd
    sides = (boxes[..., 2:] - boxes[..., :2]) / stride
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2 / stride
    across = _hill(centre[..., 0], sides[..., 0], columns)
    down = _hill(centre[..., 1], sides[..., 1], rows)
    hills = down[..., :, None] * across[..., None, :] * single[..., None, None]
    heat = hills.new_zeros(len(boxes), classes, rows * columns)
    heat.scatter_reduce_(
        1,
        labels.classes.clamp(min=0)[..., None].expand(-1, -1, rows * columns),
        hills.flatten(2),
        "amax",
    )
    # The smallest box first: argmax returns the first of the boxes whose hill a place lies on.
    area = sides.prod(dim=-1).masked_fill(~single, torch.inf)
    order = area.argsort(dim=1, stable=True)
    sorted_hills = hills.gather(1, order[..., None, None].expand_as(hills))
    lies = sorted_hills > 0
    first = lies.float().argmax(dim=1, keepdim=True)
    owned = sorted_hills.gather(1, first)
    mine = torch.zeros_like(sorted_hills).scatter(1, first, owned)
    share = mine / mine.sum(dim=(2, 3), keepdim=True).clamp(min=1e-12)
    return CentreTargets(
        heat.reshape(*heat.shape[:2], *side),
        ~_covered(boxes, labels.present & labels.crowd, side, stride),
        _picked(boxes, order.gather(1, first.flatten(1))).reshape(-1, *side, 4),
        share.sum(dim=1),
        single.sum(dim=1),
    )


def _hill(centre: Tensor, length: Tensor, places: int) -> Tensor:
    """Return the height [B, M, places] along one side; the place of the centre has 1."""
    radius = (length * SHRINK / 2).floor()
    sigma = (2 * radius + 1) / 6
    top = centre.floor().clamp(0, places - 1)
    away = torch.arange(places, device=centre.device) - top[..., None]
    height = torch.exp(-away.square() / (2 * sigma[..., None].square()))
    return height * (away.abs() <= radius[..., None])


def _picked(boxes: Tensor, numbers: Tensor) -> Tensor:
    """Return the box [B, places, 4] of each place, by its number [B, places]."""
    return boxes.gather(1, numbers[..., None].expand(-1, -1, 4))


def _covered(boxes: Tensor, which: Tensor, side: tuple[int, int], stride: int) -> Tensor:
    """Return the places [B, h, w] whose middle lies in some of the boxes."""
    x, y = middles(side, stride, boxes)
    left, top, right, bottom = (each[..., None] for each in boxes.unbind(dim=-1))
    across = (x >= left) & (x < right)
    down = (y >= top) & (y < bottom)
    inside = down[..., :, None] & across[..., None, :] & which[..., None, None]
    return inside.any(dim=1)


def middles(side: tuple[int, int], stride: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return in pixels where the places' middles lie: across [w], and down [h]."""
    rows, columns = side
    down, across = (
        (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) * stride
        for count in (rows, columns)
    )
    return across, down


def boxes_of(sides: Tensor, stride: int) -> Tensor:
    """Return the boxes [B, h, w, 4] that a map [B, 4, h, w] says: distances from the middles.

    A number is the logarithm of a distance, in strides: of the left, top, right and bottom side.
    """
    x, y = middles((sides.shape[2], sides.shape[3]), stride, sides)
    left, top, right, bottom = (sides.clamp(max=LARGEST_LOG).exp() * stride).unbind(dim=1)
    x, y = x.expand_as(left), y[:, None].expand_as(left)
    return torch.stack([x - left, y - top, x + right, y + bottom], dim=-1)


def focal_loss(logits: Tensor, targets: CentreTargets) -> Tensor:
    """Return the loss [B] of the peaks, a box (Law and Deng 2018, eq. 1).

    Peaks count by (1 - p)^2, other places by (1 - heat)^4 p^2.

    Args:
        logits: [B, K, h, w].
    """
    log_p, log_q = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    p = log_p.exp()
    peak = targets.heat == 1
    hit = -(1 - p).square() * log_p
    miss = -(1 - targets.heat).pow(4) * p.square() * log_q * targets.counts[:, None]
    return torch.where(peak, hit, miss).flatten(1).sum(dim=1) / targets.number.clamp(min=1)
