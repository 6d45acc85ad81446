"""What a clip is of: the streets, the way of the car, its place on earth, and the weather.

Everything follows from the seed and the number of the clip; nothing here needs a renderer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from taskspace_rooms.driving.course import RoadLine, SpeedProfile, Trip
from taskspace_rooms.furnishing.draw import Draw

Condition = Literal["day", "dusk", "fog"]

JOURNEY, STREET = 31, 32
"""Streams of random numbers of a clip."""

LANE = 3.5
"""Metres across a lane; cars keep to the right."""
DRIVEN = LANE / 2
"""Metres from the middle of the road to that of the lane."""
HALF_ROAD = LANE + 2.2
"""Metres from the middle to the kerb: a lane and a strip for parking."""
PAVEMENT = 3.0

SHAPES = ("straight", "straight", "bend", "bend", "corner", "corner")
"""Of ways, as often as they are drawn."""


@dataclass(frozen=True)
class Journey:
    """A clip.

    Attributes:
        shape: straight on, along a bend, or round a corner into another street.
        roads: middle lines; the first is the one on which the car starts.
        junction: metres along the first road at which the second crosses; None where none does.
        trip: of the camera's car.
        turned: radians by which the world is turned clockwise on the map.
        latitude, longitude: degrees, of the world's origin.
        condition: day, dusk or fog.
    """

    shape: str
    roads: tuple[RoadLine, ...]
    junction: float | None
    trip: Trip
    turned: float
    latitude: float
    longitude: float
    condition: Condition


def journey(clip: int, seed: int, conditions: Sequence[Condition], seconds: float) -> Journey:
    """Return the journey of a clip that lasts so many seconds."""
    draw = Draw(seed, JOURNEY, clip)
    condition = draw.pick(conditions)
    turned = draw.between(0.0, 2 * math.pi)
    latitude, longitude = draw.between(25.0, 60.0), draw.between(-120.0, 140.0)
    shape = draw.pick(SHAPES)
    make = {"straight": _straight, "bend": _bend, "corner": _corner}[shape]
    roads, junction, trip = make(draw, seconds)
    return Journey(shape, roads, junction, trip, turned, latitude, longitude, condition)


Way = tuple[tuple[RoadLine, ...], float | None, Trip]


def _straight(draw: Draw, seconds: float) -> Way:
    road = RoadLine()
    fast = draw.between(4.0, 19.0)
    kind = draw.pick(("even", "even", "slower", "faster", "stopping", "standing", "starting"))
    gain = draw.between(1.2, 3.0)
    pace = {
        "even": SpeedProfile(fast),
        "slower": SpeedProfile(fast, draw.between(0, 1), -gain / 2),
        "faster": SpeedProfile(fast / 2, draw.between(0, 1), gain),
        "stopping": SpeedProfile(min(fast, 9.0), draw.between(0, 0.5), -1.3 * gain),
        "standing": SpeedProfile(0.0),
        "starting": SpeedProfile(0.0, draw.between(0, 1.5), gain),
    }[kind]
    trip = Trip(road.parallel(DRIVEN), 0.0, pace)
    if not draw.chance(0.6):
        return (road,), None, trip
    # A car that stops or stands does so before the crossing.
    way = float(pace.distance(seconds))
    least = way + HALF_ROAD + 7 if pace.gain < 0 or pace.speed == 0 else HALF_ROAD + 8
    junction = least + draw.between(0.0, 18.0)
    return (road, _crossing(junction)), junction, trip


def _bend(draw: Draw, seconds: float) -> Way:
    pace = SpeedProfile(
        draw.between(5.0, 13.0), draw.between(0, 1), draw.pick((0.0, 0.0, -1.0, 1.0))
    )
    # Sideways at most 3 m/s^2, as in a car that is driven with care.
    radius = max(20.0, pace.speed**2 / draw.between(1.5, 3.2))
    bend = draw.between(0.35, 1.6) * draw.pick((-1.0, 1.0))
    way = float(pace.distance(seconds))
    straight = draw.between(-0.3, 0.6) * way
    road = RoadLine(straight=max(straight, 0.0), bend=bend, radius=radius)
    return (road,), None, Trip(road.parallel(DRIVEN), max(-straight, 0.0), pace)


def _corner(draw: Draw, seconds: float) -> Way:
    side = draw.pick((-1.0, 1.0))
    pace = SpeedProfile(draw.between(3.5, 5.5), draw.between(0, 1), draw.pick((0.0, 0.4, 0.8)))
    radius = draw.between(6.5, 8.5) if side > 0 else draw.between(9.0, 12.0)
    way = float(pace.distance(seconds))
    straight = draw.between(0.0, 0.6) * way
    junction = straight + radius + side * DRIVEN
    ego = RoadLine(DRIVEN, 0.0, 0.0, straight, side * math.pi / 2, radius)
    return (RoadLine(), _crossing(junction)), junction, Trip(ego, 0.0, pace)


def _crossing(junction: float) -> RoadLine:
    """Return the road from west to east that crosses the first one."""
    return RoadLine(0.0, junction, math.pi / 2)
