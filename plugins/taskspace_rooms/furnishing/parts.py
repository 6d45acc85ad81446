"""Primitives in a local frame, and the objects and groups that they compose.

Local frame: metres, z up from the floor, x to the right and y to the front of what stands there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from taskspace_rooms.furnishing.style import Paint
from taskspace_rooms.scene import Shape

Vector = tuple[float, float, float]
Axes = tuple[float, float, float, float, float, float, float, float, float]
"""A rotation, row by row; its columns are the primitive's axes."""

UPRIGHT: Axes = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
ALONG_X: Axes = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
ALONG_Y: Axes = (0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0)

# The cosine and sine that turn the front from +y to: +y, +x, -y, -x.
QUARTERS = ((1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0))


def leaning(sine: float) -> Axes:
    """Return the rotation about local x whose sine is given; a negative one leans to +y."""
    cosine = math.sqrt(1 - sine * sine)
    return (1.0, 0.0, 0.0, 0.0, cosine, -sine, 0.0, sine, cosine)


class Solid(NamedTuple):
    """A primitive; `size` as in `Shape`."""

    shape: int
    centre: Vector
    axes: Axes
    size: Vector
    paint: Paint


class Bounds(NamedTuple):
    """An axis-aligned box in space."""

    lower: Vector
    upper: Vector


@dataclass(frozen=True)
class Piece:
    """One object: the name of its semantic class, its parts and their bounds."""

    kind: str
    parts: tuple[Solid, ...]
    bounds: Bounds

    def moved(
        self, x: float = 0.0, y: float = 0.0, z: float = 0.0, turn: tuple[float, float] = (1.0, 0.0)
    ) -> Piece:
        """Return the object turned about the local z axis (cosine, sine) and then shifted."""
        parts = tuple(_moved(part, (x, y, z), turn) for part in self.parts)
        return Piece(self.kind, parts, moved_bounds(self.bounds, (x, y, z), turn))

    @property
    def width(self) -> float:
        """Extent along x, metres."""
        return self.bounds.upper[0] - self.bounds.lower[0]

    @property
    def depth(self) -> float:
        """Extent along y, metres."""
        return self.bounds.upper[1] - self.bounds.lower[1]

    @property
    def height(self) -> float:
        """The highest point above the local floor, metres."""
        return self.bounds.upper[2]


Group = tuple[Piece, ...]
"""Objects that stand together, in one local frame."""


def piece(kind: str, parts: Iterable[Solid]) -> Piece:
    """Return an object of these parts with its bounds."""
    parts = tuple(parts)
    return Piece(kind, parts, hull(part_bounds(part) for part in parts))


def box(
    paint: Paint,
    width: float,
    depth: float,
    height: float,
    at: Vector = (0.0, 0.0, 0.0),
    axes: Axes = UPRIGHT,
) -> Solid:
    """Return a box whose bottom's centre is `at` (where it leans: before it leans)."""
    centre = (at[0], at[1], at[2] + height / 2)
    return Solid(Shape.BOX, centre, axes, (width / 2, depth / 2, height / 2), paint)


def cylinder(
    paint: Paint, radius: float, height: float, at: Vector = (0.0, 0.0, 0.0), axes: Axes = UPRIGHT
) -> Solid:
    """Return a cylinder; `at` is its bottom's centre if upright, its centre if it lies."""
    z = at[2] + height / 2 if axes is UPRIGHT else at[2]
    return Solid(Shape.CYLINDER, (at[0], at[1], z), axes, (radius, radius, height / 2), paint)


def cone(
    paint: Paint, bottom: float, top: float, height: float, at: Vector = (0.0, 0.0, 0.0)
) -> Solid:
    """Return an upright frustum by its radii; `at` is its bottom's centre."""
    size = (bottom, top, height / 2)
    return Solid(Shape.CONE, (at[0], at[1], at[2] + height / 2), UPRIGHT, size, paint)


def sphere(paint: Paint, radius: float, at: Vector) -> Solid:
    """Return a sphere by its centre."""
    return Solid(Shape.SPHERE, at, UPRIGHT, (radius, radius, radius), paint)


def part_bounds(part: Solid) -> Bounds:
    """Return the bounds of a primitive, exact for all but a leaning frustum (then an upper one)."""
    centre, axes, size = part.centre, part.axes, part.size
    if part.shape == Shape.BOX:
        half = tuple(
            abs(axes[3 * i]) * size[0]
            + abs(axes[3 * i + 1]) * size[1]
            + abs(axes[3 * i + 2]) * size[2]
            for i in range(3)
        )
    elif part.shape == Shape.SPHERE:
        half = size
    else:
        radius = max(size[0], size[1])
        along = (axes[2], axes[5], axes[8])
        half = tuple(size[2] * abs(a) + radius * math.sqrt(max(0.0, 1 - a * a)) for a in along)
    return Bounds(
        (centre[0] - half[0], centre[1] - half[1], centre[2] - half[2]),
        (centre[0] + half[0], centre[1] + half[1], centre[2] + half[2]),
    )


def hull(bounds: Iterable[Bounds]) -> Bounds:
    """Return the smallest bounds around these."""
    lower, upper = zip(*bounds, strict=True)
    low, high = (
        [min(axis) for axis in zip(*lower, strict=True)],
        [max(axis) for axis in zip(*upper, strict=True)],
    )
    return Bounds((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def moved_bounds(bounds: Bounds, shift: Vector, turn: tuple[float, float]) -> Bounds:
    """Return the bounds of turned and shifted bounds."""
    c, s = turn
    (x0, y0, z0), (x1, y1, z1) = bounds
    x, y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    centre_x, centre_y = c * x - s * y + shift[0], s * x + c * y + shift[1]
    wide, deep = abs(c) * half_x + abs(s) * half_y, abs(s) * half_x + abs(c) * half_y
    return Bounds(
        (centre_x - wide, centre_y - deep, z0 + shift[2]),
        (centre_x + wide, centre_y + deep, z1 + shift[2]),
    )


def _moved(part: Solid, shift: Vector, turn: tuple[float, float]) -> Solid:
    c, s = turn
    x, y, z = part.centre
    a = part.axes
    axes: Axes = (
        c * a[0] - s * a[3],
        c * a[1] - s * a[4],
        c * a[2] - s * a[5],
        s * a[0] + c * a[3],
        s * a[1] + c * a[4],
        s * a[2] + c * a[5],
        a[6],
        a[7],
        a[8],
    )
    centre = (c * x - s * y + shift[0], s * x + c * y + shift[1], z + shift[2])
    return Solid(part.shape, centre, axes, part.size, part.paint)
