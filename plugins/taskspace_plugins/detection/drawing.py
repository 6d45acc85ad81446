"""Boxes in pictures."""

from __future__ import annotations

import colorsys

import torch
from torch import Tensor

from taskspace.components.detection.boxes import DETECTED_ROW, scores_of, unpack_boxes

SUREST = 0.3
"""Score above which a detected box is drawn."""

GOLDEN = 0.618034
"""Hues this far apart, on a circle of length 1, stay apart however many there are."""


def drawn(boxes: Tensor, images: Tensor) -> Tensor:
    """Return images [B, 3, H, W] with the outlines of boxes, one pixel wide, a colour a class.

    Args:
        boxes: labels [B, M, 6], or detected boxes [B, M, 7], of which the sure ones are drawn.
        images: [B, C, H, W].
    """
    found = unpack_boxes(boxes)
    shown = found.present
    if boxes.shape[2] == DETECTED_ROW:
        shown = shown & (scores_of(boxes) >= SUREST)
    pictures = images[:, :3].expand(-1, 3, -1, -1).clone()
    height, width = images.shape[2:]
    for image, entry in shown.nonzero().tolist():
        left, top, right, bottom = found.boxes[image, entry].round().int().tolist()
        left, right = max(0, left), min(width, max(right, left + 1))
        top, bottom = max(0, top), min(height, max(bottom, top + 1))
        if left >= right or top >= bottom:
            continue
        colour = class_colour(int(found.classes[image, entry])).to(pictures)[:, None]
        pictures[image, :, top, left:right] = colour
        pictures[image, :, bottom - 1, left:right] = colour
        pictures[image, :, top:bottom, left] = colour
        pictures[image, :, top:bottom, right - 1] = colour
    return pictures


def class_colour(number: int) -> Tensor:
    """Return red, green and blue [3] of a class."""
    return torch.tensor(colorsys.hsv_to_rgb(number * GOLDEN % 1.0, 0.9, 1.0))
