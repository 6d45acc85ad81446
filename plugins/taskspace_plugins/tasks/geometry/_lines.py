"""Straight lines on pictures."""

from __future__ import annotations

import torch
from torch import Tensor

THIN = 64
"""A line is one pixel wide for each so many pixels of the picture's side."""


def draw_lines(picture: Tensor, starts: Tensor, ends: Tensor, colours: Tensor) -> Tensor:
    """Return the pictures [B, 3, H, W] with lines drawn on them, each over those before.

    Args:
        picture: in [0, 1].
        starts, ends: [B, lines, 2] in halves of the picture's side from its middle, x to the
            right and y up; what lies beyond the border is cut off.
        colours: [lines, 3], in [0, 1].
    """
    side = min(picture.shape[2:])
    half_width = max(1.0, side / THIN) / 2
    for line, colour in enumerate(colours):
        away = _distance(picture, starts[:, line], ends[:, line]) * side / 2
        # A pixel within the line is covered, one that it grazes is covered in part.
        cover = (half_width + 0.5 - away).clamp(0, 1)[:, None]
        picture = picture + cover * (colour[None, :, None, None] - picture)
    return picture


def _distance(picture: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Return how far each pixel [B, H, W] is from the line between two points [B, 2]."""
    height, width = picture.shape[2:]
    side = min(height, width)
    y = -(2 * torch.arange(height, device=picture.device) + 1 - height) / side
    x = (2 * torch.arange(width, device=picture.device) + 1 - width) / side
    along = (end - start)[:, :, None, None]
    from_start = torch.stack(torch.meshgrid(x, y, indexing="xy")) - start[:, :, None, None]
    length = along.square().sum(dim=1, keepdim=True).clamp(min=1e-12)
    share = ((from_start * along).sum(dim=1, keepdim=True) / length).clamp(0, 1)
    return (from_start - share * along).square().sum(dim=1).sqrt()
