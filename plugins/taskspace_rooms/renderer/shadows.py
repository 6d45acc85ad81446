"""Which points a light does not reach: shadow rays, culled by the cells of a cube around it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_rooms.renderer.culling import seen_in_cells
from taskspace_rooms.renderer.intersect import ENTRY
from taskspace_rooms.renderer.surfaces import Surfaces
from taskspace_rooms.renderer.visibility import expanded, frames
from taskspace_rooms.scene import Scenes, Shape

GRID = 12
"""Cells across one of the six faces of a light's cube."""
NEAR_END = 1e-4
"""The share of a shadow ray, at the point's end, on which nothing casts: touching bodies."""
# For each of a cube's faces 2 * axis + (1 on the positive side): the vectors u, v, w of a cell.
FACES = tuple(
    ((across, 1.0), (down, 1.0), (axis, sign))
    for axis, across, down in ((0, 1, 2), (1, 0, 2), (2, 0, 1))
    for sign in (-1.0, 1.0)
)


@dataclass(frozen=True)
class Casters:
    """The primitives of one shape that may be seen from lights, listed by the cells of their cubes.

    Attributes:
        starts, counts: int64 [L * 6 * GRID * GRID], each cell's part of `listed`.
        listed: int64, columns of the following.
        surface: int64 [N]; origin: [3, N], the light in the primitive's axes; size: [3, N].
    """

    starts: Tensor
    counts: Tensor
    listed: Tensor
    surface: Tensor
    origin: Tensor
    size: Tensor


def casters(scenes: Scenes, surfaces: Surfaces) -> dict[Shape, Casters]:
    """Return what may cast shadows; what a light is inside of (a lamp's shade) does not."""
    lights, device = scenes.lights, scenes.room.device
    world = torch.eye(3, device=device)[..., None].expand(3, 3, len(lights.scene))
    pairs = frames(scenes, surfaces, lights.scene, lights.position.T, world)
    edges = torch.linspace(-1, 1, GRID + 1, device=device)
    cells = 6 * GRID * GRID
    cast = {}
    for shape in ENTRY:
        of_shape = surfaces.shape[pairs.surface] == shape
        rows = (of_shape & ~_contains(shape, pairs.origin, pairs.size)).nonzero()[:, 0]
        origin, size = pairs.origin.index_select(1, rows), pairs.size.index_select(1, rows)
        axes = pairs.axes.index_select(2, rows)
        frame = torch.stack(
            [torch.stack([axes[axis] * sign for axis, sign in face]) for face in FACES]
        )
        seen = seen_in_cells(
            shape,
            -origin.T.repeat_interleave(6, 0),
            frame.permute(3, 0, 1, 2).flatten(0, 1),
            size.T.repeat_interleave(6, 0),
            edges.expand(6 * len(rows), -1),
        )
        column, cell = seen.reshape(len(rows), cells).nonzero().unbind(1)
        cell = pairs.eye[rows[column]] * cells + cell
        order = torch.argsort(cell, stable=True)
        counts = torch.bincount(cell, minlength=len(lights.scene) * cells)
        cast[shape] = Casters(
            starts=counts.cumsum(0) - counts,
            counts=counts,
            listed=column[order],
            surface=pairs.surface[rows],
            origin=origin,
            size=size,
        )
    return cast


def shadowed(
    surfaces: Surfaces,
    cast: dict[Shape, Casters],
    light: Tensor,
    surface: Tensor,
    way: Tensor,
) -> Tensor:
    """Return whether something stands between points and lights: bool [N].

    A convex body casts no shadow on those of its own points that face the light, so a point's own
    surface is left out; that, and not an offset, keeps single precision from speckling.

    Args:
        surfaces: the table of surfaces.
        cast: what may cast shadows.
        light, surface: int64 [N].
        way: [3, N], from the light to the point, world.
    """
    cell = light * (6 * GRID * GRID) + _cell(way)
    dark = torch.zeros(len(light), dtype=torch.bool, device=light.device)
    for shape, entry in ENTRY.items():
        of_shape = cast[shape]
        ray, place = expanded(
            of_shape.starts.index_select(0, cell), of_shape.counts.index_select(0, cell)
        )
        column = of_shape.listed.index_select(0, place)
        number = of_shape.surface.index_select(0, column)
        hit = entry(
            of_shape.origin.index_select(1, column),
            surfaces.to_local(number, way.index_select(1, ray)),
            of_shape.size.index_select(1, column),
        )
        blocks = (hit < 1 - NEAR_END) & (number != surface.index_select(0, ray))
        dark[ray[blocks]] = True
    return dark


def _cell(way: Tensor) -> Tensor:
    """Return the cell, in 0 .. 6 * GRID * GRID - 1, that directions [3, N] point into."""
    (x, y, z), (long_x, long_y, long_z) = way.unbind(), way.abs().unbind()
    along_z = (long_z >= long_x) & (long_z >= long_y)
    along_y = ~along_z & (long_y >= long_x)
    along_x = ~along_z & ~along_y
    major = torch.maximum(torch.maximum(long_x, long_y), long_z)
    across, down = torch.where(along_x, y, x), torch.where(along_z, y, z)
    positive = (along_z & (z > 0)) | (along_y & (y > 0)) | (along_x & (x > 0))
    face = along_y * 2 + along_z * 4 + positive
    column, row = (
        ((value / major + 1) * (GRID / 2)).long().clamp(0, GRID - 1) for value in (across, down)
    )
    return (face * GRID + row) * GRID + column


def _contains(shape: Shape, point: Tensor, size: Tensor) -> Tensor:
    """Return whether points [3, N] in primitives' axes lie inside them."""
    within = point.abs() <= size
    if shape == Shape.BOX:
        return within[0] & within[1] & within[2]
    if shape == Shape.SPHERE:
        return (point * point).sum(0) <= size[0] ** 2
    radius = size[0]
    if shape == Shape.CONE:
        radius = radius + (size[1] - size[0]) * (point[2] / size[2] + 1) / 2
    return within[2] & (point[0] ** 2 + point[1] ** 2 <= radius**2)
