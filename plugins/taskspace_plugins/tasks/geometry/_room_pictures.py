"""Pictures of a room's box and of its directions. Neither needs the camera's field of view."""

from __future__ import annotations

from itertools import combinations, product

import torch
from torch import Tensor

THIN = 64
"""A line is one pixel wide for each so many pixels of the picture's side."""

AXES = ((0.85, 0.15, 0.15), (0.1, 0.6, 0.2), (0.15, 0.3, 0.9))
"""Red, green and blue: the room's axes nearest the camera's x, y and z."""
REACH = 7.0
"""Metres from the camera, in the middle of a plan, to the border of the plan."""
SIGHT = ((0.0, 0.0), (-0.22, 0.22), (0.0, 0.0), (0.22, 0.22))
"""Start and end of the two lines that open from the camera to where it looks, which is up."""

SIGNS = tuple(product((-0.5, 0.5), repeat=3))
EDGES = tuple(
    (first, second, axis)
    for first, second in combinations(range(8), 2)
    for axis in range(3)
    if [a != b for a, b in zip(SIGNS[first], SIGNS[second], strict=True)]
    == [other == axis for other in range(3)]
)
"""The twelve pairs of corners that differ along one axis, and that axis."""


def room_plan(corners: Tensor, input: Tensor) -> Tensor:
    """Return the box seen from above, the camera in the middle looking up: [B, 3, H, W].

    Args:
        corners: [B, 8, 3] in the order of `SIGNS`, metres, in the camera's frame.
        input: images of the size that the pictures shall have, [B, C, H, W].
    """
    seen = torch.stack([corners[..., 0], -corners[..., 2]], dim=-1) / REACH
    first, second, axes = (list(each) for each in zip(*EDGES, strict=True))
    sight = corners.new_tensor(SIGHT).expand(len(corners), -1, -1)
    starts = torch.cat([seen[:, first], sight[:, ::2]], dim=1)
    ends = torch.cat([seen[:, second], sight[:, 1::2]], dim=1)
    colours = corners.new_tensor([*(AXES[axis] for axis in axes), *2 * [(0.0, 0.0, 0.0)]])
    return draw_lines(_paper(input), starts, ends, colours)


def room_axes(directions: Tensor, input: Tensor) -> Tensor:
    """Return the three directions from the middle of the paled image, as the camera sees them.

    Args:
        directions: unit vectors [B, 3, 3] in the camera's frame; their depth is not drawn.
        input: [B, C, H, W].
    """
    ends = 0.8 * directions[..., :2]
    pale = (_paper(input) + input.expand(-1, 3, -1, -1)) / 2
    return draw_lines(pale, torch.zeros_like(ends), ends, directions.new_tensor(AXES))


def _paper(input: Tensor) -> Tensor:
    return torch.ones_like(input[:, :1]).expand(-1, 3, -1, -1)


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
