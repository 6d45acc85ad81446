"""What lies at a place on the ground: carriageway, markings, pavement, or what is beyond."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from taskspace_rooms.driving.course import RoadLine
from taskspace_rooms.driving.journey import HALF_ROAD, LANE, PAVEMENT

BEYOND, PAVED, ASPHALT, PAINTED, KERB = 0, 1, 2, 3, 4

DASH, PERIOD = 3.0, 7.5
"""Metres of a dash of the middle line, and from one to the next."""
LINE = 0.16
"""Metres across a line."""
ZEBRA = (1.2, 4.2)
"""Metres before a crossing between which a zebra lies; the stop line follows."""
STRIPE = 1.1
"""Metres from one stripe of a zebra to the next."""
EDGE = 0.18


def located(course: RoadLine, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far places [N] lie to the right of a line, and how far along it, metres.

    Of the three pieces of the line, that counts beside which a place lies; of several, the nearest.
    """
    ahead_x, ahead_y = math.sin(course.heading), math.cos(course.heading)
    x, y = x - course.x, y - course.y
    right, along = x * ahead_y - y * ahead_x, x * ahead_x + y * ahead_y
    if not course.bend:
        return right, along
    far = torch.full_like(right, math.inf)
    side, radius, angle = math.copysign(1.0, course.bend), course.radius, abs(course.bend)
    ahead = along - course.straight
    inward = radius - side * right
    turn = torch.atan2(ahead, inward)
    on_arc = (turn >= 0) & (turn <= angle)
    arc = side * (radius - torch.hypot(ahead, inward))
    sine, cosine = math.sin(angle), math.cos(angle)
    # From the arc's centre, in the axes of the last piece.
    end_ahead, end_inward = ahead * cosine - inward * sine, ahead * sine + inward * cosine
    pieces = (
        (torch.where(ahead <= 0, right, far), along),
        (torch.where(on_arc, arc, far), course.straight + turn * radius),
        (
            torch.where(end_ahead >= 0, side * (radius - end_inward), far),
            course.straight + course.arc + end_ahead,
        ),
    )
    best, place = pieces[0]
    for other, where in pieces[1:]:
        nearer = other.abs() < best.abs()
        best, place = torch.where(nearer, other, best), torch.where(nearer, where, place)
    return best, place


def ground_at(roads: Sequence[RoadLine], junction: float | None, x: Tensor, y: Tensor) -> Tensor:
    """Return what lies at places, int64 [N]; the second road crosses the first at `junction`."""
    places = [located(road, x, y) for road in roads]
    kind = torch.zeros_like(x, dtype=torch.int64)
    for right, _ in places:
        kind[right.abs() < HALF_ROAD + PAVEMENT] = PAVED
    for right, _ in places:
        kind[right.abs() < HALF_ROAD + EDGE] = KERB
    for right, _ in places:
        kind[right.abs() < HALF_ROAD] = ASPHALT
    crossings = (junction, 0.0)
    for number, (right, along) in enumerate(places):
        off, painted = right.abs(), torch.zeros_like(x, dtype=torch.bool)
        clear = torch.ones_like(painted)
        if junction is not None:
            before = (along - float(crossings[number] or 0.0)).abs() - HALF_ROAD
            clear = before > ZEBRA[1] + 0.6
            zebra = (before > ZEBRA[0]) & (before < ZEBRA[1]) & (off < HALF_ROAD)
            painted |= zebra & (right.remainder(STRIPE) < STRIPE / 2)
            stop = (before > ZEBRA[1] + 0.6) & (before < ZEBRA[1] + 1.1)
            painted |= stop & (off < LANE)
        painted |= clear & (off < LINE / 2 + 0.02) & (along.remainder(PERIOD) < DASH)
        painted |= clear & ((off - LANE).abs() < LINE / 2)
        kind[painted] = PAINTED
    return kind
