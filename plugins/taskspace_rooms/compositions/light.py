"""Light that shows an object: one or two lamps under the ceiling, and what walls send back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taskspace_rooms.furnishing.aim import Aims
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Vector
from taskspace_rooms.furnishing.probe import Floats
from taskspace_rooms.furnishing.style import Colour

AMBIENT = (0.3, 0.6)
"""The share of the light on the object that comes from everywhere."""
BRIGHTNESS = (0.55, 0.95)
"""What a white object gives in the image, linear, before the curve of the display."""
BELOW_CEILING = (0.08, 0.3)


@dataclass(frozen=True)
class StageLight:
    """Positions and colours of point lights, light from everywhere, and the camera's exposure."""

    positions: tuple[Vector, ...]
    colours: tuple[Colour, ...]
    ambient: Colour
    exposure: float


def lit(draw: Draw, warmth: Colour, room: Vector, target: Floats, camera: Aims) -> StageLight:
    """Return light of which one unit reaches a point [3]: half upward, half to the camera."""
    share = draw.between(*AMBIENT)
    count = draw.whole(1, 2)
    positions, colours = [], []
    for _ in range(count):
        spots = [_spot(draw, room) for _ in range(2)]
        received = [_received(np.array(spot), target, camera.backward[0]) for spot in spots]
        best = received.index(max(received))
        power = (1 - share) / (count * received[best])
        positions.append(spots[best])
        colours.append(_tinted(warmth, power))
    ambient = _tinted((0.98, 1.0, 1.03), share)
    return StageLight(tuple(positions), tuple(colours), ambient, draw.between(*BRIGHTNESS))


def _spot(draw: Draw, room: Vector) -> Vector:
    x, y = (side * draw.between(0.1, 0.9) for side in room[:2])
    return (x, y, room[2] - draw.between(*BELOW_CEILING))


def _received(spot: Floats, target: Floats, backward: Floats) -> float:
    x, y, z = (spot - target).tolist()
    a, b, c = backward.tolist()
    square = x * x + y * y + z * z
    facing = max(0.0, z) + max(0.0, x * a + y * b + z * c)
    return float(facing / (2 * square * square**0.5))


def _tinted(tint: Colour, power: float) -> Colour:
    return (tint[0] * power, tint[1] * power, tint[2] * power)
