"""Which primitives can be seen through which cells of a grid: conservative, never too few."""

from __future__ import annotations

import torch
from torch import Tensor

from taskspace_rooms.scene import Shape

SLACK = 1e-4
"""Metres by which primitives are enlarged, so that rounding in the cells' borders is harmless."""


def seen_in_cells(
    shape: Shape, centre: Tensor, axes: Tensor, size: Tensor, edges: Tensor
) -> Tensor:
    """Return which cells of a grid each primitive may show in, for an eye at the origin.

    A direction is in column j where edges[j] <= u / w <= edges[j + 1] and w > 0, in row i likewise
    with v / w. Both are wedges between two planes through the eye; a convex body misses a wedge if
    it lies beyond one of its planes, which its support function tells.

    Args:
        shape: of all N primitives.
        centre: [N, 3], seen from the eye, in the primitive's own axes.
        axes: [N, 3, 3], the vectors u, v, w in the primitive's own axes; the last dimension is
            their coordinate.
        size: [N, 3], see `Shape`.
        edges: [N, G + 1], ascending.

    Returns:
        Bool [N, rows G, columns G].
    """
    forward = axes[:, 2]
    columns = _overlap(shape, centre, axes[:, 0], forward, size, edges)
    rows = _overlap(shape, centre, axes[:, 1], forward, size, edges)
    ahead = _dot(centre, forward) + support(shape, forward, size) > -SLACK
    return (rows & ahead[:, None])[:, :, None] & columns[:, None, :]


def _overlap(
    shape: Shape, centre: Tensor, across: Tensor, forward: Tensor, size: Tensor, edges: Tensor
) -> Tensor:
    normal = across[:, None] - edges[..., None] * forward[:, None]
    distance = _dot(normal, centre[:, None])
    reach = support(shape, normal, size[:, None]) + SLACK * (1 + edges * edges).sqrt()
    return (distance + reach >= 0)[:, :-1] & (distance - reach <= 0)[:, 1:]


def support(shape: Shape, direction: Tensor, size: Tensor) -> Tensor:
    """Return how far primitives reach from their centres along directions [..., 3].

    It is in multiples of the direction's length. A frustum counts as the cylinder around it.
    """
    if shape == Shape.BOX:
        return _dot(direction.abs(), size)
    if shape == Shape.SPHERE:
        return _dot(direction, direction).sqrt() * size[..., 0]
    radius = torch.maximum(size[..., 0], size[..., 1]) if shape == Shape.CONE else size[..., 0]
    across = (direction[..., 0] ** 2 + direction[..., 1] ** 2).sqrt()
    return direction[..., 2].abs() * size[..., 2] + across * radius


def _dot(left: Tensor, right: Tensor) -> Tensor:
    return (
        left[..., 0] * right[..., 0] + left[..., 1] * right[..., 1] + left[..., 2] * right[..., 2]
    )
