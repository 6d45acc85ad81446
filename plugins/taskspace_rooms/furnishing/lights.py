"""One to three point lights, the light from everywhere, and the exposure that suits them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furnish import Furnished
from taskspace_rooms.furnishing.parts import Piece, Vector
from taskspace_rooms.furnishing.probe import Probe
from taskspace_rooms.furnishing.style import Colour, Style

CLEAR = 0.05
BRIGHTNESS = (0.5, 0.8)
"""What a white wall gives in the image, linear, before the curve of the display."""


@dataclass(frozen=True)
class Lighting:
    """The light of a scene: positions and colours of lights, ambient light, exposure."""

    positions: tuple[Vector, ...]
    colours: tuple[Colour, ...]
    ambient: Colour
    exposure: float


def lighting(draw: Draw, style: Style, room: Furnished, probe: Probe) -> Lighting:
    """Return light for a furnished room."""
    wide = (room.size[0] + room.size[1]) / 2
    power = draw.between(0.5, 1.0) * wide * wide / 3
    lights = [(_main(draw, room, probe), _tinted(style.warmth, power))]
    if wide > 4.5 or draw.chance(0.35):
        second = _free(draw, room, probe)
        lights.append((second, _tinted(style.warmth, power * draw.between(0.3, 0.9))))
    beside = [p for p in room.pieces if p.kind == "lamp" and p.bounds.upper[2] < room.size[2] - 0.3]
    if beside and draw.chance(0.7):
        lights += _glow(draw, draw.pick(beside), probe)
    elif draw.chance(0.5):
        lights += _daylight(draw, room, probe, power)
    ambient = _tinted((0.98, 1.0, 1.03), draw.between(0.15, 0.4))
    positions, colours = tuple(p for p, _ in lights), tuple(c for _, c in lights)
    white = _irradiance(room.size, positions, colours) + ambient[1]
    return Lighting(positions, colours, ambient, draw.between(*BRIGHTNESS) / white)


def _main(draw: Draw, room: Furnished, probe: Probe) -> Vector:
    for lamp in room.pieces:
        lower, upper = lamp.bounds
        if lamp.kind == "lamp" and upper[2] > room.size[2] - 1e-6:
            below = ((lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2, lower[2] - 0.3)
            if _clear(probe, below):
                return below
    return _free(draw, room, probe)


def _free(draw: Draw, room: Furnished, probe: Probe) -> Vector:
    while True:
        x, y = (side * draw.between(0.2, 0.8) for side in room.size[:2])
        spot = (x, y, room.size[2] - draw.between(0.08, 0.4))
        if _clear(probe, spot):
            return spot


def _glow(draw: Draw, lamp: Piece, probe: Probe) -> list[tuple[Vector, Colour]]:
    lower, upper = lamp.bounds
    above = ((lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2, upper[2] + 0.07)
    if not _clear(probe, above):
        return []
    return [(above, _tinted((1.2, 1.0, 0.7), draw.between(0.15, 0.4)))]


def _daylight(
    draw: Draw, room: Furnished, probe: Probe, power: float
) -> list[tuple[Vector, Colour]]:
    panes = [piece for piece in room.pieces if piece.kind == "window"]
    if not panes:
        return []
    lower, upper = draw.pick(panes).bounds
    # Half a metre into the room from the pane's middle, so that the light grazes its own wall.
    spot = [(a + b) / 2 for a, b in zip(lower, upper, strict=True)]
    across = 0 if upper[0] - lower[0] < upper[1] - lower[1] else 1
    spot[across] += 0.5 if spot[across] < room.size[across] / 2 else -0.5
    there = (spot[0], spot[1], spot[2])
    if not _clear(probe, there):
        return []
    return [(there, _tinted((0.9, 1.0, 1.12), power * draw.between(0.1, 0.3)))]


def _clear(probe: Probe, spot: Vector) -> bool:
    return bool(probe.clearance(np.array([spot]))[0] > CLEAR)


def _tinted(tint: Colour, power: float) -> Colour:
    return (tint[0] * power, tint[1] * power, tint[2] * power)


def _irradiance(size: Vector, positions: tuple[Vector, ...], colours: tuple[Colour, ...]) -> float:
    """Return the mean light on the walls without shadows, of the green channel."""
    total = 0.0
    count = 0
    for axis in range(2):
        for face, inward in ((0.0, 1.0), (size[axis], -1.0)):
            for share in (0.2, 0.5, 0.8):
                for level in (0.3, 0.65):
                    point = [size[0] * share, size[1] * share, size[2] * level]
                    point[axis] = face
                    count += 1
                    for position, colour in zip(positions, colours, strict=True):
                        x, y, z = (position[k] - point[k] for k in range(3))
                        square = x * x + y * y + z * z
                        cosine = inward * (x, y)[axis] / math.sqrt(square)
                        # A lamp beside a wall burns a spot into it; the rest counts.
                        total += min(3.0, colour[1] * cosine / square)
    return total / count
