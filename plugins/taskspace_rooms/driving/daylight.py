"""Light in the open: a sun without shadows, the sky, lamps that shine, windows, and fog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from taskspace_rooms.driving.classes import FACADE, LAMP
from taskspace_rooms.driving.ground import BEYOND, KERB, PAINTED, PAVED, ground_at
from taskspace_rooms.driving.journey import Condition, Journey
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.style import Colour
from taskspace_rooms.renderer.hits import Hits
from taskspace_rooms.renderer.noise import lattice, mixed
from taskspace_rooms.renderer.surfaces import Surfaces, material_at

FLOOR_FACE = 4
WINDOW, STOREY = 2.4, 3.2
"""Metres from one window to the next, across and up."""


@dataclass(frozen=True)
class Light:
    """Light of one condition, linear.

    Attributes:
        sun, ambient: colours of what comes from the sun and from everywhere.
        zenith, horizon: colours of the sky.
        lamps: how bright lamps shine.
        lit: the share of windows behind which there is light.
        sight: metres at which 1 - 1 / e of the light is lost in fog; None without fog.
    """

    sun: Colour
    ambient: Colour
    zenith: Colour
    horizon: Colour
    lamps: float
    lit: float
    sight: float | None = None


LIGHTS: Mapping[Condition, Light] = MappingProxyType(
    {
        "day": Light(
            (0.75, 0.71, 0.62), (0.42, 0.46, 0.52), (0.2, 0.4, 0.8), (0.7, 0.82, 0.95), 0.9, 0.0
        ),
        "dusk": Light(
            (0.16, 0.09, 0.05), (0.13, 0.14, 0.21), (0.05, 0.07, 0.2), (0.65, 0.3, 0.16), 1.1, 0.35
        ),
        "fog": Light(
            (0.1, 0.1, 0.1), (0.55, 0.56, 0.58), (0.6, 0.62, 0.64), (0.6, 0.62, 0.64), 0.9, 0.05,
            30.0,
        ),
    }
)  # fmt: skip

GROUNDS: tuple[Colour, ...] = (
    (0.16, 0.24, 0.08),
    (0.36, 0.34, 0.32),
    (0.085, 0.085, 0.095),
    (0.85, 0.85, 0.82),
    (0.5, 0.49, 0.47),
)
"""By what lies there, see `ground_at`."""


def sun_of(draw: Draw) -> Tensor:
    """Return the direction to the sun, unit length."""
    x, y = draw.between(-1.0, 1.0), draw.between(-1.0, 1.0)
    direction = torch.tensor([x, y, draw.between(0.7, 1.6)])
    return torch.nn.functional.normalize(direction, dim=0)


def outdoors(
    surfaces: Surfaces, journey: Journey, sun: Tensor, shift: tuple[float, float]
) -> Callable[[Hits], tuple[Tensor, Tensor]]:
    """Return what `radiance` asks of light: how much there is at hits, and what looks alike.

    Colours of ground, sky, lamps and windows are in it; the surfaces behind the first two are
    white.

    Args:
        surfaces: of the scenes.
        journey: whose light and ground.
        sun: the direction to it.
        shift: metres by which the renderer's world is shifted against the journey's.
    """
    light = LIGHTS[journey.condition]
    colours = torch.tensor(GROUNDS).T

    def at(hits: Hits) -> tuple[Tensor, Tensor]:
        geometry = hits.geometry
        normal = geometry.normal
        facing = (normal * sun[:, None]).sum(0).clamp_min(0)
        open_sky = 0.6 + 0.4 * normal[2]
        received = _colour(light.sun) * facing + _colour(light.ambient) * open_sky
        look = torch.zeros_like(hits.surface)

        rooms = hits.surface < surfaces.rooms
        floor = (rooms & (geometry.face == FLOOR_FACE)).nonzero()[:, 0]
        x, y = hits.point[0][floor] - shift[0], hits.point[1][floor] - shift[1]
        kind = ground_at(journey.roads, journey.junction, x, y)
        received[:, floor] *= colours[:, kind] * _grain(x, y, kind)
        look[floor] = kind

        sky = (rooms & (geometry.face != FLOOR_FACE)).nonzero()[:, 0]
        way = hits.rays.direction.index_select(1, sky)
        rise = (way[2] / way.norm(dim=0)).clamp(0, 1) ** 0.6
        received[:, sky] = torch.lerp(_colour(light.horizon), _colour(light.zenith), rise)

        finish = surfaces.semantic[hits.surface]
        lamps = (~rooms & (finish == LAMP)).nonzero()[:, 0]
        received[:, lamps] = light.lamps
        walls = (~rooms & (finish == FACADE) & (geometry.face < FLOOR_FACE)).nonzero()[:, 0]
        window, bright = _windows(surfaces, hits, walls, light.lit)
        received[:, walls[window]] *= torch.tensor([0.22, 0.27, 0.33])[:, None]
        received[:, walls[bright]] = torch.tensor([1.0, 0.72, 0.3])[:, None]
        look[walls] = window.long() + bright
        return received, look

    return at


def fogged(colour: Tensor, distance: Tensor, condition: Condition) -> Tensor:
    """Return linear colours [3, N] of what is seen at distances [N], metres."""
    light = LIGHTS[condition]
    if light.sight is None:
        return colour
    return torch.lerp(_colour(light.horizon), colour, torch.exp(-distance / light.sight))


def _grain(x: Tensor, y: Tensor, kind: Tensor) -> Tensor:
    """Return how bright the ground is: slabs of pavement and patches of the rest differ."""
    side = torch.where(kind == PAVED, 1.5, 4.0)
    key = mixed(kind)
    value = lattice((x / side).floor().long(), (y / side).floor().long(), key)
    even = (kind == PAINTED) | (kind == KERB)
    reach = torch.where(kind == BEYOND, 0.25, 0.12)
    return torch.where(even, 1.0, 1 - reach / 2 + reach * value)


def _windows(surfaces: Surfaces, hits: Hits, walls: Tensor, lit: float) -> tuple[Tensor, Tensor]:
    """Return where on walls there is a window, and where it is bright: bool [N] each.

    Which ones are bright hangs on the wall's paint, the same in all frames.
    """
    local, face = hits.geometry.local.index_select(1, walls), hits.geometry.face[walls]
    across = torch.where(face < 2, local[1], local[0]) / WINDOW
    up = hits.point[2][walls] / STOREY
    column, row = across.floor(), up.floor()
    window = ((across - column - 0.5).abs() < 0.27) & ((up - row - 0.55).abs() < 0.25)
    paint = material_at(surfaces, hits.surface[walls], face)
    key = mixed(surfaces.material.seed[paint] * 8 + face)
    return window, window & (lattice(column.long(), row.long(), key) < lit)


def _colour(colour: Colour) -> Tensor:
    return torch.tensor(colour)[:, None]
