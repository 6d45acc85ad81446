"""Cameras that look at points, many at once, and the rays that are tried from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taskspace_rooms.furnishing.probe import Floats

NEAR = 0.02
AXIS = ((0.0, 0.0), (NEAR, 0.0), (-NEAR, 0.0), (0.0, NEAR), (0.0, -NEAR))
"""Directions on and about the optical axis, in tangents."""

WIDE = (
    (-0.7, -0.7),
    (0.0, -0.7),
    (0.7, -0.7),
    (-0.7, 0.0),
    (0.7, 0.0),
    (-0.7, 0.6),
    (0.0, 0.6),
    (0.7, 0.6),
)
"""Directions over the image, in shares of its half width."""

GRID = np.array(AXIS + WIDE)
SPREAD = np.array([0, *range(len(AXIS), len(GRID))])
"""Those of the directions that are spread over the image."""


@dataclass(frozen=True)
class Aims:
    """K cameras: position, right, up, backward [K, 3]; tangent of half the field of view [K]."""

    position: Floats
    right: Floats
    up: Floats
    backward: Floats
    tangent: Floats

    def rays(self) -> Floats:
        """Return directions [K, N, 3], one metre deep, of the rays that are tried."""
        aside = np.ones((len(self.position), len(GRID), 1))
        aside[:, len(AXIS) :] = self.tangent[:, None, None]
        across, rise = aside * GRID[:, :1], aside * GRID[:, 1:]
        rays: Floats = across * self.right[:, None] + rise * self.up[:, None]
        return rays - self.backward[:, None]


def look(position: Floats, at: Floats, sine: Floats, tangent: Floats) -> Aims:
    """Return cameras that look at points.

    Args:
        position: [K, 3]; none above or below its point.
        at: the points, [K, 3].
        sine: [K], of the turn about the optical axis.
        tangent: [K], of half the field of view.
    """
    x, y, z = (position - at).T
    length, level = np.sqrt(x * x + y * y + z * z), np.sqrt(x * x + y * y)
    back = np.stack([x / length, y / length, z / length])
    flat = np.stack([-y / level, x / level, np.zeros_like(x)])
    # up = backward x right
    rise = np.stack([-back[2] * flat[1], back[2] * flat[0], back[0] * flat[1] - back[1] * flat[0]])
    cosine = np.sqrt(1 - sine * sine)
    right, up = cosine * flat + sine * rise, cosine * rise - sine * flat
    return Aims(position, right.T, up.T, back.T, tangent)


def distances(one: Floats, other: Floats) -> Floats:
    """Return distances [K] between points [K, 3]."""
    x, y, z = (one - other).T
    length: Floats = np.sqrt(x * x + y * y + z * z)
    return length
