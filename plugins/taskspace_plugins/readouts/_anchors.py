"""Where anchors lie, and how many pixels a place of a code stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from taskspace.components import Shape


def stride_of(places: int, pixels: int) -> float:
    """Return how many pixels a place of a code stands for along one side.

    Encoders halve, and round up or down: the least power of two that leads from the one number to
    the other (of three places or more there is one alone), or their ratio where none does.
    """
    power = 1
    while pixels // power > places:
        power *= 2
    return power if places in (pixels // power, -(-pixels // power)) else pixels / places


class AnchorSizes(NamedTuple):
    """The anchors of a place, each size in each ratio.

    Attributes:
        sizes: square roots of areas, as fractions of the image's shorter side.
        ratios: heights over widths.
    """

    sizes: Sequence[float]
    ratios: Sequence[float]


def anchor_boxes(code: Shape, image: Shape, anchors: AnchorSizes) -> Tensor:
    """Return left, top, right, bottom of all anchors [h w len(ratios) len(sizes), 4].

    Place by place, row by row, around the middle of what a place stands for.
    """
    _, height, width = image
    sides = torch.tensor(anchors.sizes) * min(height, width)
    roots = torch.tensor(anchors.ratios).sqrt()
    half_width = (sides / roots[:, None]).flatten() / 2
    half_height = (sides * roots[:, None]).flatten() / 2
    around = torch.stack([-half_width, -half_height, half_width, half_height], dim=1)
    rows = (torch.arange(code[1]) + 0.5) * stride_of(code[1], height)
    columns = (torch.arange(code[2]) + 0.5) * stride_of(code[2], width)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    middles = torch.stack([x, y, x, y], dim=2).reshape(-1, 1, 4)
    return (middles + around).reshape(-1, 4)
