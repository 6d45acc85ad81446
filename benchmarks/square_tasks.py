"""Binary tasks on the unit square: half-planes and signs of polynomials of degree 3."""

from __future__ import annotations

import numpy as np
from last_layer_fisher import Array
from numpy.typing import NDArray

Labels = NDArray[np.bool_]
"""Of points [N], or of tasks and points [T, N]."""

SIDE = 32
"""Points along a side of the square; tasks are given at the middles of SIDE x SIDE squares."""
ANGLES = tuple(5.0 + 15 * number for number in range(12))
"""Of the normals of half-planes, degrees. Beyond 180 they would repeat with classes exchanged; none
is 45 or 90, so that no boundary through the middle meets a point."""
SHIFTS = (-0.3, -0.15, 0.0, 0.15, 0.3)
"""Of the boundary from the middle of the square, along the normal."""
LEAST_SHARE = 0.2
"""Of the square that each class of a polynomial task has."""
SHOTS = 50
"""Labelled points from which the nearest neighbour answers."""


def grid() -> Array:
    """Return the points [SIDE^2, 2]: rows from the top, as pictures have them."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(at, at[::-1])
    return np.stack([x.ravel(), y.ravel()], axis=1)


def half_plane(points: Array, angle: float, shift: float) -> Labels:
    """Return which points lie beyond a line: the angle of its normal in degrees, and its shift."""
    normal = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    return np.asarray((points - 0.5) @ normal > shift)


def half_planes(points: Array) -> Labels:
    """Return all angles with all shifts [60, N]: the shift varies fastest."""
    return np.stack([half_plane(points, angle, shift) for angle in ANGLES for shift in SHIFTS])


def cubic(points: Array, coefficients: Array) -> Labels:
    """Return where the polynomial of degree 3 with these 10 coefficients is positive.

    Its arguments run from -1 to 1 on the square; the terms are x^i y^j, by i and then j.
    """
    x, y = (2 * points - 1).T
    terms = [x**i * y**j for i in range(4) for j in range(4 - i)]
    return np.asarray(np.stack(terms, axis=1) @ coefficients > 0)


def random_cubics(points: Array, count: int, generator: np.random.Generator) -> Labels:
    """Return tasks [count, N] with standard normal coefficients; lopsided ones are drawn anew."""
    tasks: list[Labels] = []
    while len(tasks) < count:
        labels = cubic(points, generator.standard_normal(10))
        if LEAST_SHARE <= labels.mean() <= 1 - LEAST_SHARE:
            tasks.append(labels)
    return np.stack(tasks)


def disagreement(tasks: Labels) -> Array:
    """Return the share of the square where two of [T, N] differ; classes exchanged if fewer do."""
    signs = 2.0 * tasks - 1
    differ = (1 - signs @ signs.T / tasks.shape[1]) / 2
    return np.asarray(np.minimum(differ, 1 - differ))


def neighbour_errors(points: Array, tasks: Labels, generator: np.random.Generator) -> Array:
    """Return how often the nearest of `SHOTS` labelled points has another label, of each task [T].

    A difficulty that no model of ours has a part in: the mean over 20 draws of the points.
    """
    errors = np.zeros(len(tasks))
    for _ in range(20):
        shown = generator.choice(len(points), SHOTS, replace=False)
        squares = ((points[:, None] - points[shown][None]) ** 2).sum(2)
        errors += (tasks[:, shown][:, squares.argmin(1)] != tasks).mean(axis=1) / 20
    return errors
