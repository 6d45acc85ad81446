"""The four views of a scene: 0 and 1 look at a point P from two places, 2 and 3 at a point Q."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taskspace_rooms.furnishing.aim import AXIS, NEAR, SPREAD, WIDE, Aims, distances, look
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Vector
from taskspace_rooms.furnishing.probe import SURFACES, Flags, Floats, Integers, Probe

NEAR_SIDE, CLEAR = 0.25, 0.22
"""Metres that a camera keeps from walls, and from all else."""

LOWEST, HIGHEST = 0.7, 2.0
CANDIDATES, CAST = 24, 6
"""Positions that are tried at once, and how many of those that are free rays are cast from."""

ENOUGH_OBJECTS = (3, 2, 2, 1, 1, 1, 0, 0, 0, 0)
"""Objects that a view must show, attempt by attempt."""

ROUNDS = len(ENOUGH_OBJECTS)
FAR, APART = 1.2, 0.5
STEEPEST = 0.5
ROLL = 0.1
TANGENTS = (0.46, 0.84)
ANGLE_COSINES = (0.5, 0.982)
"""Cosines of the angle, 60 to 11 degrees, between two views' lines of sight to their point."""


@dataclass(frozen=True)
class RoomView:
    """A camera.

    Attributes:
        position: [3], metres; right, up, backward: [3], its axes.
        tangent: of half the field of view.
        seen: points [N, 3] that it sees over its image, its fixated point first.
        depths: of these points along the axis, metres.
        objects: how many objects are among what it sees there.
    """

    position: Floats
    right: Floats
    up: Floats
    backward: Floats
    tangent: float
    seen: Floats
    depths: Sequence[float]
    objects: int


@dataclass(frozen=True)
class Sights:
    """What there is to see: the scene, and the objects in it.

    Attributes:
        probe: the scene's geometry.
        centres: of the objects.
        owner: of each primitive the number of its object; -1 for what belongs to the building.
    """

    probe: Probe
    centres: Sequence[Vector]
    owner: Sequence[int]


def views(draw: Draw, sights: Sights) -> tuple[RoomView, ...] | None:
    """Return the four views of a scene, or None where it is too full for them."""
    first = _first(draw, sights, ())
    second = first and _second(draw, sights, first, ())
    if first is None or second is None:
        return None
    third = _first(draw, sights, (first,))
    fourth = third and _second(draw, sights, third, (second,))
    if third is None or fourth is None:
        return None
    return (first, second, third, fourth)


def _first(draw: Draw, sights: Sights, before: tuple[RoomView, ...]) -> RoomView | None:
    room = sights.probe.room
    for attempt in range(ROUNDS):
        target = _targets(draw, sights)
        one, other = _somewhere(draw, room), _somewhere(draw, room)
        # The farther of two places, for the wider view.
        farther = distances(one, target) > distances(other, target)
        position = np.where(farther[:, None], one, other)
        good = _lies_ahead(position, target, FAR)
        for view in _seen(draw, sights, position[good], target[good], fixated=False):
            if (
                _is_good(view, attempt)
                and (attempt > 3 or all(_overlap(view, one) for one in before))
                and all(distances(view.seen[:1], one.seen[:1])[0] > APART for one in before)
            ):
                return view
    return None


def _second(
    draw: Draw, sights: Sights, first: RoomView, before: tuple[RoomView, ...]
) -> RoomView | None:
    point, highest = first.seen[0], _highest(sights.probe.room)
    x, y, _ = (first.position - point).tolist()
    target = np.repeat(point[None], CANDIDATES, 0)
    for attempt in range(ROUNDS):
        side, turn, scale, level = draw.units(4, CANDIDATES)
        sine = np.where(side < 0.5, -1, 1) * (0.18 + 0.67 * turn)
        scale = 0.7 + 0.65 * scale
        c, s = scale * np.sqrt(1 - sine * sine), scale * sine
        level = LOWEST + (highest - LOWEST) * level
        position = np.stack([point[0] + c * x - s * y, point[1] + s * x + c * y, level], 1)
        good = _lies_ahead(position, target, FAR / 2) & _are_apart(position, first)
        for view in _seen(draw, sights, position[good], target[good], fixated=True):
            if _is_good(view, min(attempt + 1, ROUNDS - 1)) and (
                attempt > 3 or all(_overlap(view, one) for one in before)
            ):
                return view
    return None


def _seen(
    draw: Draw, sights: Sights, position: Floats, target: Floats, *, fixated: bool
) -> list[RoomView]:
    """Return the views from positions to targets [K, 3] that are possible at all.

    Args:
        draw: random choices.
        sights: what there is to see.
        position, target: [K, 3].
        fixated: whether the targets are what must be seen, not only where to look.
    """
    clear = np.flatnonzero(sights.probe.is_clear(position, CLEAR))[:CAST]
    if not len(clear):
        return []
    position, target = position[clear], target[clear]
    roll, wide = draw.units(2, len(clear))
    tangent = TANGENTS[0] + (TANGENTS[1] - TANGENTS[0]) * wide
    aims = look(position, target, ROLL * (2 * roll - 1), tangent)
    rays = aims.rays()
    hits = sights.probe.cast(position, rays)
    points = position[:, None] + hits.distance[:, :, None] * rays
    depth = hits.distance[:, : len(AXIS)]
    # About the axis the surface is near: neither an edge nor a glancing view.
    good = (np.abs(depth[:, 1:] - depth[:, :1]) < 6 * NEAR * depth[:, :1]).all(1)
    good &= hits.distance.min(1) > 0.35
    if fixated:
        good &= np.abs(depth[:, 0] - distances(position, target)) < 1e-6
        points[:, 0] = target
    return [
        _view(sights, aims, k, points[k], hits.distance[k], hits.target[k])
        for k in np.flatnonzero(good).tolist()
    ]


def _view(
    sights: Sights, aims: Aims, k: int, points: Floats, depths: Floats, targets: Integers
) -> RoomView:
    owners = {sights.owner[hit - SURFACES] for hit in targets.tolist() if hit >= SURFACES}
    return RoomView(
        aims.position[k],
        aims.right[k],
        aims.up[k],
        aims.backward[k],
        float(aims.tangent[k]),
        points,
        depths.tolist(),
        len(owners - {-1}),
    )


def _is_good(view: RoomView, attempt: int) -> bool:
    """Return whether a view shows enough of a room; what is enough shrinks with the attempts."""
    return (
        view.objects >= ENOUGH_OBJECTS[attempt]
        and view.depths[0] > 1.0 - 0.03 * attempt
        and sum(view.depths[len(AXIS) :]) > len(WIDE) * (1.6 - 0.1 * attempt)
    )


def _overlap(one: RoomView, other: RoomView) -> bool:
    """Return whether each sees much of what the other sees, were nothing in between."""
    return _share(one, other.seen[SPREAD]) >= 3 and _share(other, one.seen[SPREAD]) >= 3


def _share(view: RoomView, points: Floats) -> int:
    """Return how many points [N, 3] lie within a view's image, hidden or not."""
    x, y, z = (points - view.position).T
    across, rise, back = (
        x * axis[0] + y * axis[1] + z * axis[2] for axis in (view.right, view.up, view.backward)
    )
    return int((np.maximum(np.abs(across), np.abs(rise)) < -view.tangent * back).sum())


def _highest(room: Floats) -> float:
    return min(HIGHEST, float(room[2]) - 0.3)


def _somewhere(draw: Draw, room: Floats) -> Floats:
    x, y, level, other = draw.units(4, CANDIDATES)
    level = LOWEST + (_highest(room) - LOWEST) * (level + other) / 2
    x, y = (NEAR_SIDE + (room[k] - 2 * NEAR_SIDE) * share for k, share in ((0, x), (1, y)))
    return np.stack([x, y, level], 1)


def _targets(draw: Draw, sights: Sights) -> Floats:
    x, y, z, which, any_place = draw.units(5, CANDIDATES)
    room = sights.probe.room
    place = np.stack([room[0] * x, room[1] * y, 0.3 + 1.4 * z], 1)
    if not sights.centres:
        return place
    centres = np.array(sights.centres)[(which * len(sights.centres)).astype(np.int64)]
    near = centres + np.stack([0.6 * x - 0.3, 0.6 * y - 0.3, 0.6 * z - 0.2], 1)
    return np.where(any_place[:, None] < 0.8, near, place)


def _lies_ahead(position: Floats, target: Floats, least: float) -> Flags:
    length = distances(position, target)
    ahead: Flags = (length > least) & (np.abs(position[:, 2] - target[:, 2]) < STEEPEST * length)
    return ahead


def _are_apart(position: Floats, first: RoomView) -> Flags:
    x, y, z = (position - first.seen[0]).T
    a, b, c = first.backward.tolist()
    cosine = (x * a + y * b + z * c) / np.sqrt(x * x + y * y + z * z)
    apart: Flags = (cosine >= ANGLE_COSINES[0]) & (cosine <= ANGLE_COSINES[1])
    return apart
