"""Frames of drives show what is there: ground by place, things by pose, light by condition."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from taskspace_rooms.driving import roadside, vehicles
from taskspace_rooms.driving.course import RoadLine, SpeedProfile, Trip
from taskspace_rooms.driving.film import Film
from taskspace_rooms.driving.ground import ASPHALT, BEYOND, KERB, PAINTED, PAVED, ground_at
from taskspace_rooms.driving.street import Thing
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.renderer.render import render

SIZE = 96


def film(*things: Thing, condition: str = "day") -> Film:
    """Return a film of these things on a straight street, along which the camera looks."""
    made = Film(3, 0, ("day",), 1.0)
    made.things = things
    made.journey = replace(
        made.journey,
        roads=(RoadLine(),),
        junction=None,
        trip=Trip(RoadLine(x=1.75)),
        condition=condition,
    )
    made.view = replace(made.view, pitch=0.0, field_of_view=math.radians(50))
    return made


def car_ahead(y: float) -> Thing:
    return Thing("car", vehicles.moved(vehicles.car(Draw(5)), 1.75, y))


def shown(made: Film) -> tuple[torch.Tensor, torch.Tensor]:
    frame = made.render([0.0], SIZE)
    return frame.image[0], frame.instance[0]


def test_ground_is_what_the_distance_from_the_middle_says():
    x = torch.tensor([0.0, 0.0, 3.5, 1.75, -1.75, 5.8, -7.0, 12.0])
    y = torch.tensor([1.0, 4.0, 4.0, 4.0, 1.0, 3.0, 2.0, 1.0])
    expected = [PAINTED, ASPHALT, PAINTED, ASPHALT, ASPHALT, KERB, PAVED, BEYOND]
    assert ground_at((RoadLine(),), None, x, y).tolist() == expected
    # A crossing street is a carriageway all through, and has a zebra on either side.
    roads = (RoadLine(), RoadLine(0.0, 30.0, math.pi / 2))
    x, y = torch.tensor([8.0, 12.0, 0.2, 0.8]), torch.tensor([31.0, 31.0, 22.0, 22.0])
    assert ground_at(roads, 30.0, x, y).tolist() == [PAINTED, ASPHALT, PAINTED, ASPHALT]


def test_what_moves_is_where_its_way_says():
    """The same car, put there and driven there, in a bend and against the direction of a road."""
    bend = RoadLine(0.0, 8.0, 0.2, 3.0, 0.9, 20.0)
    for trip in (
        Trip(bend, 1.0, SpeedProfile(8.0)),
        Trip(bend.parallel(-1.75), 14.0, SpeedProfile(6.0), False),
    ):
        x, y, heading = trip.pose(0.5)
        parts = vehicles.moved(vehicles.car(Draw(5)), 0.8, 0.3)
        driven = film(Thing("car", parts, trip)).render([0.5], SIZE)
        put = film(Thing("car", vehicles.moved(parts, x, y, heading=heading)))
        still = put.render([0.5], SIZE)
        assert (still.instance == 1).sum() > 30
        assert (driven.instance != still.instance).sum() <= 2
        assert (driven.image - still.image).abs().mean() < 1e-3


def test_a_car_shows_red_lamps_behind_and_white_ones_in_front():
    for turned, is_lamp in (
        (0.0, lambda red, green, blue: (red > 0.75) & (green < 0.45) & (blue < 0.45)),
        (math.pi, lambda red, green, blue: (red > 0.8) & (green > 0.8) & (blue > 0.7)),
    ):
        parts = vehicles.moved(vehicles.car(Draw(5)), 1.75, 9.0, heading=turned)
        image, instance = shown(film(Thing("car", parts), condition="dusk"))
        rows, columns = torch.where(is_lamp(*image) & (instance == 1))
        middle = (SIZE - 1) / 2
        assert (columns < middle).any()
        assert (columns > middle).any()
        assert rows.max() - rows.min() < 8


@pytest.mark.parametrize(("lit", "colour"), [(0, 0), (2, 1)])
def test_a_traffic_light_shines_in_its_colour_at_its_place(lit, colour):
    parts = vehicles.moved(roadside.traffic_light(lit, 1.0), 1.75, 8.0, heading=math.pi)
    image, instance = shown(film(Thing("traffic light", parts), condition="dusk"))
    bright = (image[colour] > 0.7) & (image[1 - colour] < 0.5) & (instance == 1)
    rows, whole = torch.where(bright)[0], torch.where(instance == 1)[0]
    assert len(rows) >= 4
    # Red is in the upper third of the case, green in the lower one.
    share = (rows.float().mean() - whole.min()) / (whole.max() - whole.min())
    assert share < 0.4 if lit == 0 else share > 0.6


def test_far_things_fade_in_fog_and_dusk_is_darker_than_day():
    def apart(condition: str, y: float) -> float:
        image, instance = shown(film(car_ahead(y), condition=condition))
        return float((image[:, instance == 1].mean(1) - image[:, 0].mean(1)).norm())

    assert apart("fog", 60.0) < 0.4 * apart("fog", 10.0)
    assert apart("day", 60.0) > 0.6 * apart("day", 10.0)
    day, dusk = (
        float(shown(film(car_ahead(-50.0), condition=each))[0].mean()) for each in ("day", "dusk")
    )
    assert dusk < 0.7 * day


def test_the_sky_is_up_and_the_road_is_down():
    image, instance = shown(film(car_ahead(-50.0)))
    assert (instance == 0).all()
    sky, road = image[:, : SIZE // 2 - 4].mean((1, 2)), image[:, -12:, SIZE // 3 : SIZE // 2]
    assert sky[2] > sky[0] > 0.3
    assert road.mean() < 0.5
    assert road.std(0).mean() < 0.06


def test_a_camera_in_a_bend_looks_along_the_road():
    made = film(Thing("traffic sign", vehicles.moved(roadside.traffic_sign(Draw(2), 1.0), 0, 0)))
    bend = RoadLine(bend=-1.2, radius=25.0)
    x, y, heading = bend.pose(20.0 + 10.0)
    made.journey = replace(made.journey, trip=Trip(bend, 0.0, SpeedProfile(10.0)))
    sign = vehicles.moved(roadside.traffic_sign(Draw(2), 1.0), x, y, heading=heading + math.pi)
    made.things = (Thing("traffic sign", sign),)
    start, later = made.render([0.0, 2.0], SIZE).instance
    columns = torch.where(later == 1)[1].float().mean()
    seen = made.journey.trip.pose(2.0)
    right = math.cos(seen[2]) * (x - seen[0]) - math.sin(seen[2]) * (y - seen[1])
    ahead = math.sin(seen[2]) * (x - seen[0]) + math.cos(seen[2]) * (y - seen[1])
    expected = (1 + right / ahead / math.tan(math.radians(25))) * SIZE / 2
    assert float(columns) + 0.5 == pytest.approx(expected, abs=1.5)
    assert np.isfinite(start.numpy()).all()


def test_labels_are_those_of_the_renderer_of_rooms():
    """Masks come from the same rays as those of `rooms`, whose tests hold them to geometry."""
    made = film(car_ahead(9.0), car_ahead(20.0))
    assert torch.equal(render(made.scenes([0.0]), SIZE).instance, made.render([0.0], SIZE).instance)


def test_a_frame_is_the_same_whatever_is_rendered_with_it():
    made = Film(4, 0, ("day", "dusk"), 2.0)
    together, alone = made.render([0.0, 0.6, 1.2], 32), made.render([1.2], 32)
    # The last bit depends on where in its block a processor meets a pixel.
    assert (together.image[2] - alone.image[0]).abs().max() < 1e-6
    assert torch.equal(together.instance[2], alone.instance[0])
