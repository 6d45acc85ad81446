"""Single rays against a scene in double precision: what a view looks at.

Boxes by slabs; cylinders and frustums by the quadratic of x^2 + y^2 = (a + b z)^2 and two caps;
spheres by their quadratic. Rays start inside the room and outside of all primitives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace_rooms.scene import Shape

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
SURFACES = 6
NOWHERE = np.inf
PARALLEL = 1e-12


@dataclass(frozen=True)
class ProbeHits:
    """What N rays from each of K places meet first.

    Attributes:
        distance: [K, N], in units of the direction's length.
        target: [K, N], 0 .. 5 for x = 0, x = X, y = 0, y = Y, floor, ceiling, and 6 + p for
            primitive p.
    """

    distance: Floats
    target: Integers


class Probe:
    """The geometry of one scene.

    Args:
        room: [3], extents.
        shape: [P], of `Shape`.
        centre: [P, 3]; rotation: [P, 3, 3], local axes as columns; size: [P, 3], see `Shape`.
    """

    def __init__(
        self, room: Floats, shape: Integers, centre: Floats, rotation: Floats, size: Floats
    ) -> None:
        self.room, self.shape, self.centre, self.rotation, self.size = (
            room,
            shape,
            centre,
            rotation,
            size,
        )
        reach = np.where((shape == Shape.CONE)[:, None], np.maximum(size, size[:, [1, 0, 2]]), size)
        half = (np.abs(rotation) * reach[:, None]).sum(2)
        self._lower, self._upper = centre - half, centre + half
        self._boxes = np.flatnonzero(shape == Shape.BOX)
        self._spheres = np.flatnonzero(shape == Shape.SPHERE)
        self._round = np.flatnonzero((shape == Shape.CYLINDER) | (shape == Shape.CONE))
        # A cylinder is a frustum of one radius: x^2 + y^2 = (a + b z)^2.
        bottom, top, half = (size[self._round, k] for k in range(3))
        self._mean, self._slope = (top + bottom) / 2, (top - bottom) / (2 * half)

    def cast(self, origins: Floats, directions: Floats) -> ProbeHits:
        """Return what rays meet first, N from each of K origins.

        Args:
            origins: [K, 3], inside the room and outside of all primitives.
            directions: [K, N, 3].
        """
        distance, target = self._walls(origins[:, None], directions)
        if len(self.shape):
            found = np.full((len(self.shape), *distance.shape), NOWHERE)
            start = self._turned(origins)[..., None]
            along = _rotated(self.rotation, *np.moveaxis(directions, 2, 0)[:, None])
            for rows, meet in (
                (self._boxes, self._meet_boxes),
                (self._spheres, self._meet_spheres),
                (self._round, self._meet_round),
            ):
                if len(rows):
                    size = self.size[rows].T[:, :, None, None]
                    found[rows] = meet(start[:, rows], along[:, rows], size)
            near = found.min(0)
            target = np.where(near < distance, found.argmin(0) + SURFACES, target)
            distance = np.minimum(near, distance)
        return ProbeHits(distance, target)

    def clearance(self, points: Floats) -> Floats:
        """Return at most the distance [N] from points to what is nearest; negative inside it.

        Exact for boxes, spheres, cylinders and walls; for frustums of the cylinder around them.
        """
        walls: Floats = np.minimum(points, self.room - points).min(1)
        if not len(self.shape):
            return walls
        x, y, z = self._turned(points)
        size = self.size.T[:, :, None]
        across = np.sqrt(x * x + y * y)
        widest = np.maximum(size[0], size[1])
        shape = self.shape[:, None]
        outside = np.where(
            shape == Shape.BOX,
            _beyond(np.abs(x) - size[0], np.abs(y) - size[1], np.abs(z) - size[2]),
            np.where(
                shape == Shape.SPHERE,
                np.sqrt(across * across + z * z) - size[0],
                _beyond(across - widest, np.abs(z) - size[2], np.full_like(z, -NOWHERE)),
            ),
        )
        least: Floats = np.minimum(walls, outside.min(0))
        return least

    def is_clear(self, points: Floats, gap: float) -> Flags:
        """Return whether points [N, 3] are surely this far from all: by boxes around primitives."""
        walls = np.minimum(points, self.room - points).min(1) >= gap
        beyond = np.maximum(self._lower - points[:, None], points[:, None] - self._upper)
        clear: Flags = walls & (beyond.max(2) >= gap).all(1)
        return clear

    def _turned(self, points: Floats) -> Floats:
        # Local coordinates [3, P, N]; written out, for a matrix product may add in any order.
        return _rotated(
            self.rotation, *(points.T[axis] - self.centre[:, axis, None] for axis in range(3))
        )

    def _walls(self, origins: Floats, directions: Floats) -> tuple[Floats, Integers]:
        safe = _away_from_zero(directions)
        each = np.maximum(-origins / safe, (self.room - origins) / safe)
        axis = each.argmin(2)
        far = np.where(axis == 0, safe[..., 0], np.where(axis == 1, safe[..., 1], safe[..., 2])) > 0
        return each.min(2), 2 * axis + far

    def _meet_boxes(self, start: Floats, along: Floats, size: Floats) -> Floats:
        inverse = 1 / _away_from_zero(along)
        middle, reach = -start * inverse, size * np.abs(inverse)
        enter, leave = (middle - reach).max(0), (middle + reach).min(0)
        return np.where((enter <= leave) & (enter > 0), enter, NOWHERE)

    def _meet_spheres(self, start: Floats, along: Floats, size: Floats) -> Floats:
        (x, y, z), (u, v, w) = start, along
        a, b = u * u + v * v + w * w, x * u + y * v + z * w
        c = x * x + y * y + z * z - size[0] * size[0]
        root = b * b - a * c
        enter = (-b - np.sqrt(np.maximum(root, 0))) / a
        return np.where((root > 0) & (enter > 0), enter, NOWHERE)

    def _meet_round(self, start: Floats, along: Floats, size: Floats) -> Floats:
        (x, y, z), (u, v, w) = start, along
        slope, half = self._slope[:, None, None], size[2]
        radius, grows = self._mean[:, None, None] + slope * z, slope * w
        a = _away_from_zero(u * u + v * v - grows * grows)
        b = x * u + y * v - radius * grows
        root = b * b - a * (x * x + y * y - radius * radius)
        width = np.sqrt(np.maximum(root, 0))
        nearest = np.full(u.shape, NOWHERE)
        for side in ((-b - width) / a, (-b + width) / a):
            good = (root > 0) & (side > 0) & (np.abs(z + side * w) <= half)
            good &= radius + side * grows >= 0  # not the mirror image beyond the apex
            nearest = np.where(good & (side < nearest), side, nearest)
        upright = _away_from_zero(w)
        for end, cap in ((-half, size[0]), (half, size[1])):
            flat = (end - z) / upright
            across, deep = x + flat * u, y + flat * v
            good = (flat > 0) & (across * across + deep * deep <= cap * cap)
            nearest = np.where(good & (flat < nearest), flat, nearest)
        return nearest


def _rotated(rotation: Floats, x: Floats, y: Floats, z: Floats) -> Floats:
    r = rotation.reshape(*rotation.shape, *(1,) * (x.ndim - 1))
    return np.stack([r[:, 0, k] * x + r[:, 1, k] * y + r[:, 2, k] * z for k in range(3)])


def _away_from_zero(values: Floats) -> Floats:
    return np.where(np.abs(values) < PARALLEL, PARALLEL, values)


def _beyond(x: Floats, y: Floats, z: Floats) -> Floats:
    inside = np.minimum(np.maximum(np.maximum(x, y), z), 0)
    x, y, z = np.maximum(x, 0), np.maximum(y, 0), np.maximum(z, 0)
    return np.sqrt(x * x + y * y + z * z) + inside
