"""Differences between two moments of a drive: of the course, and between the positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

FULL_TURN = 360.0
HALF_TURN = 180.0

EQUATORIAL_RADIUS = 6_378_137.0
"""Metres; semi-major axis of WGS 84, the ellipsoid of GPS."""

ECCENTRICITY_SQUARED = 6.694_379_990_14e-3
"""Of the meridians of WGS 84."""


def wrapped(degrees: ArrayLike) -> np.ndarray:
    """Return angles in (-180, 180], equal up to full turns; NaN stays NaN.

    Args:
        degrees: any shape, any number of turns.
    """
    angle = HALF_TURN - np.mod(HALF_TURN - np.asarray(degrees, dtype=np.float64), FULL_TURN)
    # The remainder of a tiny negative number rounds to a full turn.
    return np.where(angle <= -HALF_TURN, HALF_TURN, angle)


def course_change(start: ArrayLike, end: ArrayLike) -> np.ndarray:
    """Return by how much a course turned, degrees in (-180, 180], clockwise positive.

    Of the two ways round, the shorter one is meant (Yan 2020, Sec. 4.2).

    Args:
        start: degrees clockwise from north, in [0, 360); NaN is missing.
        end: the same, later.
    """
    return wrapped(np.asarray(end, dtype=np.float64) - np.asarray(start, dtype=np.float64))


def metres_per_degree(latitude: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of a degree of latitude and of longitude, in metres, on WGS 84.

    Both follow from the radii of curvature, along the meridian and across it; a degree of longitude
    shrinks by cos(latitude).

    Args:
        latitude: degrees.
    """
    angle = np.deg2rad(np.asarray(latitude, dtype=np.float64))
    flattened = 1 - ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    across = EQUATORIAL_RADIUS / np.sqrt(flattened)
    along = across * (1 - ECCENTRICITY_SQUARED) / flattened
    return np.deg2rad(along), np.deg2rad(across * np.cos(angle))


def distance_metres(start: ArrayLike, end: ArrayLike) -> np.ndarray:
    """Return the straight-line distance between two positions in metres, [...].

    The surface is taken as flat between them, which is right to a millimetre for a kilometre.

    Args:
        start: latitude and longitude in degrees, [..., 2]; NaN is missing.
        end: the same, later.
    """
    first, last = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    north, east = metres_per_degree((first[..., 0] + last[..., 0]) / 2)
    metres: np.ndarray = np.hypot(
        north * (last[..., 0] - first[..., 0]), east * wrapped(last[..., 1] - first[..., 1])
    )
    return metres


def distance_degrees(start: ArrayLike, end: ArrayLike) -> np.ndarray:
    """Return the Euclidean distance of latitudes and longitudes as they are, in degrees, [...].

    The label of Yan 2020, Sec. 4.2: the same drive is longer eastwards than northwards, by
    1 / cos(latitude).

    Args:
        start: latitude and longitude in degrees, [..., 2]; NaN is missing.
        end: the same, later.
    """
    first, last = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    degrees: np.ndarray = np.hypot(
        last[..., 0] - first[..., 0], wrapped(last[..., 1] - first[..., 1])
    )
    return degrees
