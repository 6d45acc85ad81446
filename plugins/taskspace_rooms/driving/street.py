"""What a street holds: parked and moving vehicles, people, lights, signs, trees and houses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from taskspace_rooms.driving import roadside, vehicles
from taskspace_rooms.driving.classes import MOST
from taskspace_rooms.driving.course import RoadLine, SpeedProfile, Trip
from taskspace_rooms.driving.ground import located
from taskspace_rooms.driving.journey import (
    DRIVEN,
    HALF_ROAD,
    PAVEMENT,
    STREET,
    Journey,
)
from taskspace_rooms.driving.vehicles import Parts
from taskspace_rooms.furnishing.draw import Draw

PARKED = HALF_ROAD - 1.05
SEEN = 48.0
"""Metres ahead of the car's last place in which things stand."""
SLOT = 7.0
"""Metres of kerb for a parked car."""
CLEAR = HALF_ROAD + 6.5
"""Metres from the middle of a crossing within which none parks."""


@dataclass(frozen=True)
class Thing:
    """Something in the street.

    Attributes:
        kind: of `OBJECTS`; empty for what has no box.
        parts: in the world; of what moves, in its own frame.
        trip: how it moves; None where it stays.
    """

    kind: str
    parts: Parts
    trip: Trip | None = None


@dataclass(frozen=True)
class Stretch:
    """A part of a road on which things stand.

    Attributes:
        road: its middle line.
        first, last: metres along it.
        crossing: where the other road crosses it, metres along; None where none does.
    """

    road: RoadLine
    first: float
    last: float
    crossing: float | None


def street(journey: Journey, clip: int, seed: int, seconds: float) -> tuple[Thing, ...]:
    """Return what stands and moves in the streets of a clip that lasts so many seconds.

    At most `MOST` things have a kind; those that matter most come first.
    """
    draw = Draw(seed, STREET, clip)
    stretches = _stretches(journey, seconds)
    labelled = [
        *_lights(draw, journey),
        *_traffic(draw, journey, seconds),
        *_people(draw, journey, stretches, seconds),
        *(thing for each in stretches for thing in _signs(draw, each)),
        *(thing for each in stretches for thing in _parked(draw, each)),
    ]
    kinds = [thing for thing in labelled if thing.kind][:MOST]
    poles = [thing for thing in labelled if not thing.kind]
    around = [thing for each in stretches for thing in _sides(draw, journey, each)]
    return (*kinds, *poles, *around)


def _stretches(journey: Journey, seconds: float) -> tuple[Stretch, ...]:
    trip, junction = journey.trip, journey.junction
    gone = float(trip.pace.distance(seconds))
    reach = 0.0 if junction is None or journey.shape != "corner" else junction
    first = Stretch(
        journey.roads[0], trip.start + 1.0, max(trip.start + gone, reach) + SEEN, junction
    )
    if junction is None:
        return (first,)
    west, east = -30.0, 30.0
    if journey.shape == "corner":
        west, east = (west, SEEN) if trip.course.bend > 0 else (-SEEN, east)
    return first, Stretch(journey.roads[1], west, east, 0.0)


def _at(road: RoadLine, along: float, right: float, parts: Parts, turned: float = 0.0) -> Parts:
    x, y, heading = road.parallel(right).pose(along).tolist()
    return vehicles.moved(parts, x, y, heading=heading + turned)


def _vehicle(draw: Draw) -> tuple[str, Parts]:
    kind = draw.pick(("car",) * 8 + ("truck", "bus"))
    make = {"car": vehicles.car, "truck": vehicles.truck, "bus": vehicles.bus}[kind]
    return kind, make(draw)


def _lights(draw: Draw, journey: Journey) -> Iterator[Thing]:
    if journey.junction is None or not draw.chance(0.8):
        return
    waits = journey.trip.pace.gain < 0 or journey.trip.pace.speed == 0
    lit = (
        0
        if waits
        else draw.pick((1, 2, 2, 2))
        if journey.shape == "corner"
        else draw.pick((0, 2, 2))
    )
    road, away = journey.roads[0], HALF_ROAD + 0.6
    for right, ahead in ((away, -away - 4.5), (-away, away + 1.0)):
        along, low = journey.junction + ahead, draw.between(2.1, 2.5)
        yield Thing("", _at(road, along, right, roadside.pole(low + 0.2), math.pi))
        light = roadside.traffic_light(lit, low)
        yield Thing("traffic light", _at(road, along, right, light, math.pi))


def _waits(journey: Journey) -> bool:
    """Return whether the car brakes or stands, as at a red light."""
    return journey.trip.pace.gain < 0 or journey.trip.pace.speed == 0


def _traffic(draw: Draw, journey: Journey, seconds: float) -> Iterator[Thing]:
    trip, road = journey.trip, journey.roads[0]
    gone = float(trip.pace.distance(seconds))
    corner = journey.shape == "corner"
    if draw.chance(0.5):
        kind, parts = _vehicle(draw)
        ahead = draw.between(9.0, 20.0) + (4.0 if kind != "car" else 0.0)
        pace = replace(trip.pace, speed=trip.pace.speed * draw.between(1.0, 1.15))
        yield Thing(kind, parts, replace(trip, start=trip.start + ahead, pace=pace))
    elif draw.chance(0.75) and not corner:
        yield from _two_wheels(draw, trip.course, trip.start + gone + draw.between(7.0, 16.0), True)
    place = trip.start + draw.between(14.0, 30.0)
    for _ in range(draw.whole(0, 2)):
        if corner and trip.course.bend < 0:
            break
        if draw.chance(0.3):
            yield from _two_wheels(draw, road.parallel(-DRIVEN), place, False)
        else:
            kind, parts = _vehicle(draw)
            way = Trip(road.parallel(-DRIVEN), place, SpeedProfile(draw.between(3.0, 11.0)), False)
            yield Thing(kind, parts, way)
        place += draw.between(14.0, 28.0)
    if journey.junction is not None:
        for forward in (True, False):
            if draw.chance(0.45):
                kind, parts = _vehicle(draw)
                side = 1.0 if forward else -1.0
                along = -side * (HALF_ROAD + 8.0 + (3.0 if kind != "car" else 0.0))
                yield Thing(
                    kind,
                    _at(journey.roads[1], along, side * DRIVEN, parts, 0.0 if forward else math.pi),
                )


def _two_wheels(draw: Draw, course: RoadLine, start: float, forward: bool) -> Iterator[Thing]:
    """Yield a bicycle or a motorcycle and who rides it."""
    kind = draw.pick(("bicycle", "bicycle", "motorcycle"))
    seat = 0.95 if kind == "bicycle" else 0.88
    trip = Trip(course, start, SpeedProfile(draw.between(3.0, 6.0)), forward)
    make = vehicles.bicycle if kind == "bicycle" else vehicles.motorcycle
    yield Thing(kind, make(draw), trip)
    yield Thing("rider", vehicles.rider(draw, seat), trip)


def _people(
    draw: Draw, journey: Journey, stretches: tuple[Stretch, ...], seconds: float
) -> Iterator[Thing]:
    for stretch in stretches:
        for _ in range(draw.whole(1, 3)):
            right = draw.between(HALF_ROAD + 0.5, HALF_ROAD + 2.3) * draw.pick((-1.0, 1.0))
            along = draw.between(stretch.first + 3.0, min(stretch.last, stretch.first + 40.0))
            pace = SpeedProfile(draw.pick((0.0, 1.0, 1.4)))
            if stretch.crossing is not None and abs(along - stretch.crossing) < CLEAR + 4:
                pace = SpeedProfile(0.0)
                if abs(along - stretch.crossing) < HALF_ROAD + 0.5:
                    continue
            trip = Trip(stretch.road.parallel(right), along, pace, draw.chance(0.5))
            yield Thing("pedestrian", vehicles.pedestrian(draw), trip)
    if _waits(journey) and journey.junction is not None and draw.chance(0.7):
        # On the zebra, while the cars wait.
        side = draw.pick((-1.0, 1.0))
        x, y = -side * draw.between(1.0, HALF_ROAD), journey.junction - HALF_ROAD - 2.7
        trip = Trip(RoadLine(x, y, side * math.pi / 2), 0.0, SpeedProfile(1.3))
        yield Thing("pedestrian", vehicles.pedestrian(draw), trip)


def _signs(draw: Draw, stretch: Stretch) -> Iterator[Thing]:
    along = stretch.first + draw.between(8.0, 16.0)
    while along < stretch.last:
        if stretch.crossing is None or abs(along - stretch.crossing) > CLEAR + 2:
            forward = draw.chance(0.75)
            right = (HALF_ROAD + 0.5) * (1.0 if forward else -1.0)
            low, turned = draw.between(1.9, 2.2), math.pi if forward else 0.0
            sign = roadside.traffic_sign(draw, low)
            yield Thing("", _at(stretch.road, along, right, roadside.pole(low + 0.4), turned))
            yield Thing("traffic sign", _at(stretch.road, along, right, sign, turned))
        along += draw.between(14.0, 30.0)


def _parked(draw: Draw, stretch: Stretch) -> Iterator[Thing]:
    along = stretch.first + draw.between(4.0, 8.0)
    while along < stretch.last:
        for side in (-1.0, 1.0):
            near = stretch.crossing is not None and abs(along - stretch.crossing) < CLEAR
            if draw.chance(0.32) and not near:
                parts = vehicles.car(draw)
                turned = 0.0 if side > 0 else math.pi
                place = along + draw.between(-0.4, 0.4)
                yield Thing("car", _at(stretch.road, place, side * PARKED, parts, turned))
            elif draw.chance(0.12) and not near:
                kind = draw.pick(("bicycle", "bicycle", "motorcycle"))
                make = vehicles.bicycle if kind == "bicycle" else vehicles.motorcycle
                turned = draw.between(0.6, 2.2)
                yield Thing(kind, _at(stretch.road, along, side * PARKED, make(draw), turned))
        along += SLOT


def _sides(draw: Draw, journey: Journey, stretch: Stretch) -> Iterator[Thing]:
    border = HALF_ROAD + PAVEMENT
    for side in (-1.0, 1.0):
        along = stretch.first - 6.0
        while along < stretch.last + 30.0:
            wide, deep = draw.between(9.0, 16.0), draw.between(8.0, 12.0)
            middle = along + wide / 2
            if draw.chance(0.72):
                right = side * (border + draw.between(1.0, 3.0) + deep / 2)
                parts, reach = roadside.building(draw, deep, wide), (wide / 2, deep / 2)
                turned = 0.0
            else:
                right, turned = side * (border + draw.between(0.8, 2.5)), draw.between(0.0, 6.0)
                parts, reach = roadside.tree(draw), (1.0, 1.0)
            if _is_free(journey, stretch.road, middle, right, reach, border):
                yield Thing("", _at(stretch.road, middle, right, parts, turned))
            along += wide + draw.between(0.5, 5.0)
        along = stretch.first + draw.between(0.0, 9.0)
        while along < stretch.last:
            right = side * (border - 0.5)
            if draw.chance(0.5) and _is_free(
                journey, stretch.road, along, right, (0.4, 0.4), HALF_ROAD + 1.5
            ):
                yield Thing("", _at(stretch.road, along, right, roadside.tree(draw)))
            along += draw.between(9.0, 16.0)


def _is_free(
    journey: Journey,
    road: RoadLine,
    along: float,
    right: float,
    reach: tuple[float, float],
    border: float,
) -> bool:
    """Return whether a rectangle beside a road keeps this far from the middle of every road."""
    x, y, heading = road.parallel(right).pose(along).tolist()
    cosine, sine = math.cos(heading), math.sin(heading)
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0)
    across = torch.tensor([a * reach[1] for a in steps for _ in steps])
    ahead = torch.tensor([b * reach[0] for _ in steps for b in steps])
    places = x + cosine * across + sine * ahead, y - sine * across + cosine * ahead
    return all(float(located(each, *places)[0].abs().min()) >= border for each in journey.roads)
