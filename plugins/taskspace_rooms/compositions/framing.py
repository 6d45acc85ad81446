"""A camera that sees all of an object, as large as the image allows."""

from __future__ import annotations

from itertools import product

import numpy as np

from taskspace_rooms.furnishing.aim import Aims, look
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, Solid, hull, part_bounds
from taskspace_rooms.furnishing.probe import Floats
from taskspace_rooms.scene import Shape

ASIDE = 0.5
"""The sine of the most that a camera stands aside of the normal of the back wall."""
RISE = (0.15, 0.6)
"""Sines of the camera's elevation."""
TANGENT = (0.35, 0.55)
"""Of half the field of view."""
FILL = (0.7, 1.0)
"""The share of the image's half width that the object reaches."""
SHIFT = 0.15
"""How far the image's centre may lie from the object's, in shares of its half extent."""
ROLL = 0.08
"""The sine of the most that a camera is turned about its axis."""
SIGNS = np.array(list(product((-1.0, 1.0), repeat=3)))


def framed(draw: Draw, thing: Piece) -> Aims:
    """Return one camera in front (+y) of an object, from which all of it is in the image."""
    cosine, sine = draw.turn(ASIDE)
    rise = draw.between(*RISE)
    level = (1 - rise * rise) ** 0.5
    tangent = draw.between(*TANGENT)
    backward = np.array([[-sine * level, cosine * level, rise]])
    roll = np.array([draw.between(-ROLL, ROLL)])
    aims = look(backward, np.zeros((1, 3)), roll, np.array([tangent]))
    low, high = (np.array(side) for side in hull(part_bounds(part) for part in thing.parts))
    aside, lift = draw.between(-SHIFT, SHIFT), draw.between(-SHIFT, SHIFT)
    reach = float((high - low).max()) / 2
    target = (low + high) / 2 + reach * (aside * aims.right[0] + lift * aims.up[0])
    seen = np.concatenate([corners(part) for part in thing.parts]) - target
    across, up, near = (_along(seen, axis[0]) for axis in (aims.right, aims.up, aims.backward))
    # A point this far from the axis is at the border of the share at this depth or farther.
    depth = np.maximum(np.abs(across), np.abs(up)) / (tangent * draw.between(*FILL))
    distance = float((depth + near).max())
    position = (target + distance * backward[0])[None]
    return Aims(position, aims.right, aims.up, aims.backward, aims.tangent)


def corners(part: Solid) -> Floats:
    """Return the corners [8, 3] of the box around a primitive along its own axes."""
    x, y, z = part.size
    wide = max(x, y) if part.shape == Shape.CONE else x
    deep = wide if part.shape == Shape.CONE else y
    a, b, c = (SIGNS * (wide, deep, z)).T
    places = [
        part.centre[k] + a * part.axes[3 * k] + b * part.axes[3 * k + 1] + c * part.axes[3 * k + 2]
        for k in range(3)
    ]
    return np.stack(places, axis=1)


def _along(points: Floats, axis: Floats) -> Floats:
    x, y, z = points.T
    dot: Floats = x * axis[0] + y * axis[1] + z * axis[2]
    return dot
