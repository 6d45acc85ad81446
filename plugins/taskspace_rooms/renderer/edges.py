"""Occlusion edges: where depth jumps, and not where a surface merely bends."""

from __future__ import annotations

import torch
from torch import Tensor

STEP = 0.05
"""The relative jump of depth at which the response is 1 - 1 / e."""


def occlusion_edges(depth_z: Tensor, normals: Tensor, reach: Tensor) -> Tensor:
    """Return the response to depth discontinuities, in [0, 1]: [V, S, S].

    A pixel and its neighbour each span a tangent plane. The inverse depth of a plane is linear
    across the image, so between the two pixels the planes' difference is linear too. If it changes
    its sign there, the planes meet between the pixels: a crease, or a smooth surface that bends,
    and the response is 0. Otherwise one plane stays before the other. The smaller of its relative
    leads at the two pixels, 1 - near / far, is the jump, and the response is 1 - exp(-jump / STEP).
    A pixel has the largest response among its pairs with its four neighbours. (A body whose tangent
    plane is all but edge-on in the very last pixel before its outline can meet what lies behind.)

    Args:
        depth_z: [V, S, S], metres.
        normals: [V, 3, S, S], camera frame.
        reach: [V], the tangent of half the field of view.
    """
    size = depth_z.shape[1]
    places = (2 * torch.arange(size, device=depth_z.device) + 1) / size - 1
    x = reach[:, None, None] * places
    y = -reach[:, None, None] * places[:, None]
    inverse = 1 / depth_z
    nx, ny, nz = normals.unbind(1)
    # 1 / depth of the tangent plane at (x, y) is (nx x + ny y - nz) * scale, so its slopes are:
    scale = inverse / (nx * x + ny * y - nz)
    pitch = 2 * reach[:, None, None] / size
    edges = torch.zeros_like(depth_z)
    for axis, slope in ((2, nx * scale * pitch), (1, -ny * scale * pitch)):
        before, after = slice(0, size - 1), slice(1, size)
        first, second = _cut(inverse, axis, before), _cut(inverse, axis, after)
        lead_here = first - (second - _cut(slope, axis, after))
        lead_there = first + _cut(slope, axis, before) - second
        apart = lead_here * lead_there > 0
        smaller = torch.minimum(lead_here.abs(), lead_there.abs()) * apart
        response = -torch.expm1(-smaller / (STEP * torch.maximum(first, second)))
        for part in (before, after):
            view = _cut(edges, axis, part)
            torch.maximum(view, response, out=view)
    return edges


def _cut(image: Tensor, axis: int, part: slice) -> Tensor:
    return image[:, :, part] if axis == 2 else image[:, part]
