"""Scene number n of the world of a seed; building n // 4 is its group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch

from taskspace_rooms.classes import FURNITURE_CLASSES, SEMANTIC_CLASSES
from taskspace_rooms.furnishing.cameras import RoomView, Sights, views
from taskspace_rooms.furnishing.columns import floats, materials, primitives, wholes
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furnish import Furnished, furnish
from taskspace_rooms.furnishing.lights import Lighting, lighting
from taskspace_rooms.furnishing.parts import Bounds, Solid, Vector
from taskspace_rooms.furnishing.probe import Probe
from taskspace_rooms.furnishing.style import Style, building_style
from taskspace_rooms.scene import Cameras, Lights, Primitives, Scenes

SCENES_PER_BUILDING, VIEWS_PER_SCENE = 4, 4
STYLE, SCENE = 0, 1
"""What a stream of random numbers is for."""

NUMBER = {name: number for number, name in enumerate(SEMANTIC_CLASSES)}


@dataclass(frozen=True)
class _Made:
    building: int
    room: Furnished
    light: Lighting
    views: tuple[RoomView, ...]
    exposures: tuple[float, ...]
    noises: tuple[float, ...]
    seeds: tuple[int, ...]


def generate(scenes: Sequence[int], seed: int) -> Scenes:
    """Return scenes by their numbers (from 0), in this order.

    A scene depends on the seed and its number alone, never on what is generated with it, and is
    the same on every machine.
    """
    buildings = {scene // SCENES_PER_BUILDING for scene in scenes}
    styles = {building: building_style(Draw(seed, building, STYLE)) for building in buildings}
    return _tables([_made(scene, seed, styles[scene // SCENES_PER_BUILDING]) for scene in scenes])


def _made(scene: int, seed: int, style: Style) -> _Made:
    building, number = divmod(scene, SCENES_PER_BUILDING)
    for attempt in count():  # a room too full for four views is given up
        draw = Draw(seed, building, SCENE, number, attempt)
        room = furnish(draw, style)
        parts = [part for piece in room.pieces for part in piece.parts]
        probe = _probe(room, parts)
        light = lighting(draw, style, room, probe)
        seen = views(draw, _sights(room, probe))
        if seen is not None:
            return _Made(
                building,
                room,
                light,
                seen,
                tuple(draw.around(light.exposure, 0.1) for _ in seen),
                tuple(draw.between(0.005, 0.02) for _ in seen),
                tuple(draw.whole(0, 2**31 - 1) for _ in seen),
            )
    raise AssertionError("count() does not end")


def _probe(room: Furnished, parts: Sequence[Solid]) -> Probe:
    return Probe(
        np.array(room.size),
        np.array([part.shape for part in parts], np.int64),
        np.array([part.centre for part in parts]).reshape(-1, 3),
        np.array([part.axes for part in parts]).reshape(-1, 3, 3),
        np.array([part.size for part in parts]).reshape(-1, 3),
    )


def _sights(room: Furnished, probe: Probe) -> Sights:
    objects = [piece for piece in room.pieces if piece.kind in FURNITURE_CLASSES]
    owner = [
        number if piece.kind in FURNITURE_CLASSES else -1
        for number, piece in enumerate(room.pieces)
        for _ in piece.parts
    ]
    return Sights(probe, [_middle(piece.bounds) for piece in objects], owner)


def _tables(made: Sequence[_Made]) -> Scenes:
    return Scenes(
        room=floats([one.room.size for one in made], 3),
        surfaces=materials([paint for one in made for paint in one.room.surfaces]),
        ambient=floats([one.light.ambient for one in made], 3),
        scene_class=torch.tensor([one.room.scene_class for one in made], dtype=torch.int64),
        building=torch.tensor([one.building for one in made], dtype=torch.int64),
        primitives=_primitives(made),
        lights=_lights(made),
        cameras=_cameras(made),
    )


def _primitives(made: Sequence[_Made]) -> Primitives:
    return primitives(
        [
            (scene, NUMBER[piece.kind], instance, part)
            for scene, one in enumerate(made)
            for instance, piece in enumerate(one.room.pieces, start=1)
            for part in piece.parts
        ]
    )


def _lights(made: Sequence[_Made]) -> Lights:
    return Lights(
        scene=wholes([scene for scene, one in enumerate(made) for _ in one.light.positions]),
        position=floats([spot for one in made for spot in one.light.positions], 3),
        colour=floats([colour for one in made for colour in one.light.colours], 3),
    )


def _cameras(made: Sequence[_Made]) -> Cameras:
    seen = [view for one in made for view in one.views]
    axes = floats([[view.right, view.up, view.backward] for view in seen], 3, 3)
    return Cameras(
        scene=wholes([scene for scene, one in enumerate(made) for _ in one.views]),
        position=floats([view.position for view in seen], 3),
        rotation=axes.transpose(1, 2).contiguous(),
        field_of_view=floats([2 * math.atan(view.tangent) for view in seen]),
        exposure=floats([exposure for one in made for exposure in one.exposures]),
        noise=floats([noise for one in made for noise in one.noises]),
        seed=wholes([seed for one in made for seed in one.seeds]),
    )


def _middle(bounds: Bounds) -> Vector:
    (a, b, c), (d, e, f) = bounds
    return ((a + d) / 2, (b + e) / 2, (c + f) / 2)
