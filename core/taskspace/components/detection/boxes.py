"""Boxes of an image, as a target of one shape for all images of a dataset."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

ROW = 6
"""Numbers a box takes in a target: left, top, right, bottom, class, crowd."""

DETECTED_ROW = ROW + 1
"""Numbers that a detected box takes: those of a target, of no crowd, and its score."""


class BoxTargets(NamedTuple):
    """The boxes of some images.

    Attributes:
        boxes: left, top, right and bottom in pixels of the image, [B, M, 4].
        classes: class ids, int64 [B, M].
        crowd: whether a box stands for a group of objects, bool [B, M]; neither hit nor miss.
        present: which of the M entries are boxes, bool [B, M]; the others are padding.
        labelled: which images were labelled at all, bool [B]; one without a box may have been.
    """

    boxes: Tensor
    classes: Tensor
    crowd: Tensor
    present: Tensor
    labelled: Tensor


def pack_boxes(
    boxes: Tensor, classes: Tensor, count: Tensor, crowd: Tensor | None = None
) -> Tensor:
    """Return the target of a detection task, float32 [B, M, 6]; `unpack_boxes` reads it.

    Padding has the class -1 and no box; all of an image that was not labelled is NaN.

    Args:
        boxes: left, top, right, bottom, [B, M, 4]; the first `count` of an image count.
        classes: class ids, [B, M].
        count: boxes of each image [B]; NaN where it was not labelled.
        crowd: 1 where a box stands for a group, [B, M]; none does where None.
    """
    places = torch.arange(boxes.shape[1], device=boxes.device)
    present = places < count.nan_to_num(0)[:, None]
    groups = torch.zeros_like(classes) if crowd is None else crowd
    rows = torch.cat([boxes.float(), classes[..., None].float(), groups[..., None].float()], dim=2)
    padding = rows.new_tensor([torch.nan] * 4 + [-1.0, 0.0])
    rows = torch.where(present[..., None], rows, padding)
    return rows.masked_fill(count.isnan()[:, None, None], torch.nan)


def pack_detections(boxes: Tensor, classes: Tensor, scores: Tensor, present: Tensor) -> Tensor:
    """Return what a detection task decodes, float32 [B, K, 7]; `scores_of` has the last column.

    `unpack_boxes` reads the others, as those of a target.

    Args:
        boxes: left, top, right, bottom in pixels, [B, K, 4].
        classes: class ids, [B, K].
        scores: the higher, the surer, [B, K].
        present: which of the K entries are boxes, bool [B, K].
    """
    columns = [classes, torch.zeros_like(scores), scores]
    rows = torch.cat([boxes.float(), *(each[..., None].float() for each in columns)], dim=2)
    padding = rows.new_tensor([torch.nan] * 4 + [-1.0, 0.0, 0.0])
    return torch.where(present[..., None], rows, padding)


def scores_of(detections: Tensor) -> Tensor:
    """Return the scores [B, K] of detected boxes [B, K, 7]."""
    return detections[..., ROW]


def unpack_boxes(target: Tensor) -> BoxTargets:
    """Return what `pack_boxes` has packed; boxes of padding are 0, their class is -1.

    Args:
        target: [B, M, 6], or detected boxes [B, M, 7].
    """
    numbers = target[..., 4]
    labelled = ~numbers.isnan().all(dim=1)
    present = numbers >= 0
    return BoxTargets(
        target[..., :4].nan_to_num(0.0),
        numbers.nan_to_num(-1).long(),
        (target[..., 5] > 0) & present,
        present,
        labelled,
    )
