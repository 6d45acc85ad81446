"""Colours of surfaces: procedural patterns on coordinates that are metres along the surface."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from taskspace_rooms.renderer.noise import lattice, lattice_noise, mixed
from taskspace_rooms.renderer.surfaces import ROOM, Surfaces, material_at
from taskspace_rooms.scene import Materials, Pattern, Shape

GROUT = 0.06
"""The share of a tile's period that its joint takes."""
UNEVEN = 0.25
"""How far a tile's colour may lean to the other one."""


def albedo_at(surfaces: Surfaces, surface: Tensor, face: Tensor, local: Tensor) -> Tensor:
    """Return the colours [3, N] at points of surfaces.

    Args:
        surfaces: the table of surfaces.
        surface, face: int64 [N].
        local: [3, N], in the surfaces' own axes.
    """
    row = material_at(surfaces, surface, face)
    materials = surfaces.material
    colour = materials.first.T.index_select(1, row)
    patterned = (materials.pattern[row] != Pattern.PLAIN).nonzero()[:, 0]
    if len(patterned) == 0:
        return colour
    rows = row[patterned]
    u, v = _coordinates(
        surfaces,
        surface[patterned],
        face[patterned],
        local.index_select(1, patterned),
        materials.period[rows],
    )
    mix = _share_of_second(materials, rows, u, v)
    first = colour.index_select(1, patterned)
    second = materials.second.T.index_select(1, rows)
    return colour.index_copy_(1, patterned, torch.lerp(first, second, mix))


def _coordinates(
    surfaces: Surfaces, surface: Tensor, face: Tensor, local: Tensor, period: Tensor
) -> tuple[Tensor, Tensor]:
    """Return coordinates along faces in periods; around a side there is a whole number of them."""
    x, y, z = local.unbind()
    shape = surfaces.shape[surface]
    boxy = (shape == Shape.BOX) | (shape == ROOM)
    u = torch.where(face < 2, y, x)
    v = torch.where(face < 4, z, y)
    side = (~boxy & (face < 4)).nonzero()[:, 0]
    radius = surfaces.size[0][surface[side]]
    periods = (2 * math.pi * radius / period[side]).round().clamp_min(1)
    angle = torch.atan2(y[side], x[side]) / (2 * math.pi)
    u, v = u / period, v / period
    u[side] = angle * periods
    return u, v


def _share_of_second(materials: Materials, row: Tensor, u: Tensor, v: Tensor) -> Tensor:
    pattern, mix = materials.pattern[row], torch.zeros_like(u)
    for kind, share in PATTERNS.items():
        places = (pattern == kind).nonzero()[:, 0]
        if len(places):
            mix[places] = share(u[places], v[places], materials.seed[row[places]])
    return mix


def stripes(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return 0 and 1 by halves of u."""
    return ((u - u.floor()) >= 0.5).to(u.dtype)


def checker(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return 0 and 1 as on a board with two fields a period."""
    return ((2 * u).floor() + (2 * v).floor()).remainder(2)


def wood(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return bands across v that noise bends, stretched along u, as in a board's grain."""
    bent = v + 0.6 * lattice_noise(u / 4, v, seed)
    return 0.5 + 0.5 * torch.sin(2 * math.pi * bent)


def noise(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return two octaves of value noise."""
    return (2 * lattice_noise(u, v, seed) + lattice_noise(2 * u, 2 * v, seed + 1)) / 3


def tiles(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return 1 in the joints and on each tile its own small number."""
    column, row = u.floor(), v.floor()
    joint = ((u - column) < GROUT) | ((v - row) < GROUT)
    own = UNEVEN * lattice(column.long(), row.long(), mixed(seed))
    return torch.maximum(own, joint.to(u.dtype))


PATTERNS: dict[Pattern, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    Pattern.STRIPES: stripes,
    Pattern.CHECKER: checker,
    Pattern.WOOD: wood,
    Pattern.NOISE: noise,
    Pattern.TILES: tiles,
}
