"""A room around one object, with a camera and light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from taskspace_rooms.compositions.framing import framed
from taskspace_rooms.compositions.light import StageLight, lit
from taskspace_rooms.compositions.objects import MAKES, painted
from taskspace_rooms.compositions.surfaces import LOOKS
from taskspace_rooms.compositions.words import ATTRIBUTES, IMAGE, OBJECTS
from taskspace_rooms.furnishing.aim import Aims
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Bounds, Piece, Vector, hull, part_bounds
from taskspace_rooms.furnishing.probe import Floats
from taskspace_rooms.furnishing.style import Paint, Style, building_style

TURN = 0.6
"""The sine of the most that an object is turned."""
AROUND, BEHIND = (0.3, 1.6), 0.1
"""Metres from the object and from the camera to the walls."""
HEIGHT, ABOVE = (2.3, 3.0), 0.5
"""Metres of a room's height, and what is kept free above the object."""


@dataclass(frozen=True)
class StagedObject:
    """A composition to be rendered.

    Attributes:
        room: extents in metres.
        surfaces: paints of x = 0, x = X, y = 0, y = Y, floor, ceiling.
        thing: the object, in the room.
        camera: one camera; noise, seed: of its sensor, see `Cameras`.
    """

    room: Vector
    surfaces: tuple[Paint, ...]
    thing: Piece
    camera: Aims
    light: StageLight
    noise: float
    seed: int


def staged(image: int, attribute: int, thing: int, seed: int) -> StagedObject:
    """Return the composition of an image, which depends on nothing but these numbers.

    Args:
        image: its number, from 0.
        attribute, thing: indices into `ATTRIBUTES` and `OBJECTS`.
        seed: of the dataset.
    """
    draw = Draw(seed, IMAGE, image)
    style = building_style(draw)
    made = MAKES[OBJECTS[thing]].made(draw, style)
    paint = LOOKS[ATTRIBUTES[attribute]].paint(draw, _extent(made.bounds))
    made = painted(made, paint).moved(turn=draw.turn(TURN))
    camera = framed(draw, made)
    bounds = hull(part_bounds(part) for part in made.parts)
    room, shift = _room(draw, bounds, camera.position[0])
    camera = replace(camera, position=camera.position + np.array([shift]))
    middle = (np.array(bounds.lower) + np.array(bounds.upper)) / 2 + np.array(shift)
    return StagedObject(
        room=room,
        surfaces=_surfaces(draw, style),
        thing=made.moved(*shift),
        camera=camera,
        light=lit(draw, style.warmth, room, middle, camera),
        noise=draw.between(0.005, 0.02),
        seed=draw.whole(0, 2**31 - 1),
    )


def _extent(bounds: Bounds) -> float:
    return max(high - low for low, high in zip(bounds.lower, bounds.upper, strict=True))


def _room(draw: Draw, thing: Bounds, camera: Floats) -> tuple[Vector, Vector]:
    """Return a room's extents, and how far object and camera have to be moved to stand in it."""
    x, y, z = camera.tolist()
    left = min(thing.lower[0] - draw.between(*AROUND), x - BEHIND)
    right = max(thing.upper[0] + draw.between(*AROUND), x + BEHIND)
    back = thing.lower[1] - draw.between(*AROUND)
    front = max(thing.upper[1] + draw.between(*AROUND), y + BEHIND)
    height = max(draw.between(*HEIGHT), z + BEHIND, thing.upper[2] + ABOVE)
    return (right - left, front - back, height), (-left, -back, 0.0)


def _surfaces(draw: Draw, style: Style) -> tuple[Paint, ...]:
    wet = draw.chance(0.2)
    wall = draw.pick(style.wet_walls if wet else style.walls)
    floor = draw.pick(style.wet_floors if wet else style.dry_floors)
    return (wall, wall, wall, wall, floor, style.ceiling)
