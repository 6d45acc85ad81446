"""Changes of course and position, beside values that are worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from taskspace_plugins.driving.bins import check_rising, classes_between, names_between
from taskspace_plugins.driving.changes import (
    course_change,
    distance_degrees,
    distance_metres,
    metres_per_degree,
    wrapped,
)
from taskspace_plugins.driving.track import Fix, Track

SEGMENT = Path(__file__).parents[3] / "shared" / "data" / "driving"
real = pytest.mark.skipif(
    not (SEGMENT / "frame_positions.npy").is_file(), reason=f"needs the comma2k19 segment {SEGMENT}"
)


def fixes(*rows: tuple[float, ...]) -> Track:
    """A track of (time, latitude, longitude, course, speed)."""
    return Track.of([Fix(*row) for row in rows])


@pytest.mark.parametrize(
    ("start", "end", "turn"),
    [
        (30, 180, 150),  # the example of the paper: not -210
        (350, 10, 20),
        (10, 350, -20),
        (0, 180, 180),  # either way; the interval is closed above
        (180, 0, 180),
        (359.5, 0, 0.5),
        (90, 90, 0),
    ],
)
def test_a_course_turns_the_shorter_way(start, end, turn):
    assert course_change(start, end) == pytest.approx(turn, abs=1e-12)


@given(st.floats(-1e6, 1e6))
def test_wrapped_angles_are_in_the_interval_and_equal_up_to_full_turns(angle):
    result = float(wrapped(angle))
    assert -180 < result <= 180
    turns = (angle - result) / 360
    assert turns == pytest.approx(round(turns), abs=1e-6)


def test_a_remainder_that_rounds_to_a_full_turn_is_half_a_turn():
    assert wrapped(-1e-300 - 180) == 180
    assert (wrapped([-180.0, 180.0, 540.0, -540.0]) == 180).all()
    assert np.isnan(wrapped(np.nan))


def test_a_degree_is_as_long_as_the_tables_of_wgs_84_say():
    # NIMA TR8350.2: the meridian's radius of curvature is b^2/a = 6,335,439.327 m at the equator
    # and a^2/b = 6,399,593.626 m at the pole; times pi/180. 45 degrees: a table of degree lengths.
    north, east = metres_per_degree([0.0, 45.0, 90.0])
    assert north == pytest.approx([110_574.28, 111_131.78, 111_693.98], abs=0.05)
    assert east == pytest.approx([111_319.49, 78_846.81, 0.0], abs=0.05)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_the_latitude():
    step = np.array([0.0, 0.001])
    at = {lat: float(distance_metres([lat, 10.0], np.array([lat, 10.0]) + step)) for lat in (0, 60)}
    assert at[0] == pytest.approx(111.319, abs=1e-3)
    assert at[60] == pytest.approx(55.800, abs=1e-3)  # 0.5 x 111.319 x 1.00252 (flattening)
    # In degrees, as in the paper, both are alike.
    assert distance_degrees([60.0, 10.0], [60.0, 10.001]) == pytest.approx(0.001)
    assert distance_degrees([60.0, 10.0], [60.003, 10.004]) == pytest.approx(0.005)


def test_a_drive_across_the_date_line_is_short():
    assert distance_metres([0, 179.9995], [0, -179.9995]) == pytest.approx(111.319, abs=1e-3)
    halfway = fixes((0, 0, 179.9995, 90, 9), (1, 0, -179.9985, 90, 9)).at([0.5]).position
    assert halfway[0] == pytest.approx([0, -179.9995])


def test_between_two_fixes_position_and_course_go_evenly():
    track = fixes((0, 10.0, 20.0, 100, 5), (1, 10.1, 20.4, 120, 5))
    motion = track.at([0, 0.25, 0.5, 1])
    assert motion.position == pytest.approx(
        np.array([[10, 20], [10.025, 20.1], [10.05, 20.2], [10.1, 20.4]])
    )
    assert motion.course == pytest.approx([100, 105, 110, 120])


def test_a_course_is_interpolated_through_north():
    track = fixes((0, 0, 0, 350, 5), (1, 0, 0, 20, 5), (2, 0, 0, 340, 5))
    assert track.at([0.2, 0.5, 1.25, 1.5, 1.75]).course == pytest.approx([356, 5, 10, 0, 350])


def test_an_unknown_course_leaves_the_position():
    track = fixes((0, 1, 1, 90, 5), (1, 2, 2, -1, 0), (2, 3, 3, 90, 5), (3, 4, 4, 90, 5))
    motion = track.at([0, 0.5, 1, 1.5, 2, 2.5])
    assert np.isnan(motion.course).tolist() == [False, True, True, True, False, False]
    assert motion.position[:, 0] == pytest.approx([1, 1.5, 2, 2.5, 3, 3.5])


def test_an_unknown_speed_leaves_nothing_of_a_fix():
    track = fixes((0, 1, 1, 90, 5), (1, 2, 2, 90, -1), (2, 3, 3, 90, 5))
    motion = track.at([0, 0.5, 1, 1.5, 2])
    assert np.isnan(motion.course).tolist() == [False, True, True, True, False]
    assert np.isnan(motion.position).any(axis=1).tolist() == [False, True, True, True, False]


def test_what_lies_in_a_gap_or_outside_is_missing():
    track = fixes((0, 1, 1, 90, 5), (1.1, 2, 2, 90, 5), (2.3, 3, 3, 90, 5))
    motion = track.at([-0.1, 0, 0.5, 1.1, 1.2, 2.3, 2.4])
    assert np.isnan(motion.course).tolist() == [True, False, False, False, True, False, True]
    assert np.isnan(motion.position[:, 1]).tolist() == np.isnan(motion.course).tolist()


def test_an_empty_recording_knows_nothing_and_order_does_not_matter():
    assert np.isnan(fixes().at([0, 1]).position).all()
    rows = [(0, 1, 1, 90, 5), (1, 2, 2, 80, 5), (2, 3, 3, 70, 5)]
    straight, mixed = (fixes(*order).at([0.5, 1.5]) for order in (rows, rows[::-1]))
    assert (straight.position == mixed.position).all()
    assert (straight.course == mixed.course).all()


def test_of_two_fixes_at_one_time_the_last_counts():
    assert fixes((0, 1, 1, 90, 5), (0, 2, 2, 80, 5)).at([0]).course.tolist() == [80]


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (np.nan, 0)])
def test_a_place_that_is_not_on_earth_is_missing(place):
    assert np.isnan(fixes((0, *place, 90, 5)).at([0]).position).any()


def test_classes_hold_their_lower_edge():
    values = torch.tensor([-7.0, -5.0, 4.999, 5.0, 900.0, torch.nan])
    assert classes_between(values, [-5, 5]).tolist() == [0, 1, 1, 2, 2, -1]
    assert names_between([-5, 5], "°") == ("below -5°", "-5 to 5°", "5° and more")


@pytest.mark.parametrize("edges", [[], [1, 1], [2, 1]])
def test_edges_that_do_not_rise_are_refused(edges):
    with pytest.raises(ValueError, match=r"no edge|have to rise"):
        check_rising(edges)


def geodetic(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude (degrees) of earth-centred points [n, 3] (metres), by iteration."""
    major, squared = 6378137.0, 6.69437999014e-3
    x, y, z = points.T
    radius = np.hypot(x, y)
    latitude = np.arctan2(z, radius * (1 - squared))
    for _ in range(8):
        normal = major / np.sqrt(1 - squared * np.sin(latitude) ** 2)
        height = radius / np.cos(latitude) - normal
        latitude = np.arctan2(z, radius * (1 - squared * normal / (normal + height)))
    return np.degrees(latitude), np.degrees(np.arctan2(y, x))


def test_two_seconds_of_comma2k19_worked_out_by_hand():
    # Frames 0 and 40 of the example segment of comma2k19 (MIT), earth-centred, metres.
    points = np.array(
        [
            [-2712087.5168089615, -4261670.055955193, 3881014.4539216976],
            [-2712080.329825561, -4261660.278454763, 3881029.3584241085],
        ]
    )
    # Differences 7.186983, 9.777500 and 14.904502; squares 51.6527, 95.5995 and 222.1442;
    # their sum 369.3964, its root 19.2197 m. The road falls by 0.4581 m: 19.2142 m on the map.
    latitude, longitude = geodetic(points)
    assert latitude == pytest.approx([37.72100001, 37.72117297], abs=1e-8)
    assert longitude == pytest.approx([-122.47229909, -122.47228986], abs=1e-8)
    place = np.stack([latitude, longitude], axis=1)
    assert distance_metres(place[0], place[1]) == pytest.approx(19.2142, abs=2e-4)


@real
def test_labels_of_the_real_segment_follow_from_a_fix_a_second():
    points, times, velocity = (
        np.load(SEGMENT / f"frame_{name}.npy", allow_pickle=False)
        for name in ("positions", "times", "velocities")
    )
    latitude, longitude = geodetic(points)
    lat, lon = np.radians(latitude), np.radians(longitude)
    east = -np.sin(lon) * velocity[:, 0] + np.cos(lon) * velocity[:, 1]
    flat = np.cos(lon) * velocity[:, 0] + np.sin(lon) * velocity[:, 1]
    north = np.cos(lat) * velocity[:, 2] - np.sin(lat) * flat
    course = np.degrees(np.arctan2(east, north)) % 360
    speed = np.linalg.norm(velocity, axis=1)
    place = np.stack([latitude, longitude], axis=1)

    # At 20 Hz two seconds are 40 frames; beside the chord through the earth's frame.
    metres = distance_metres(place[:-40], place[40:])
    chord = np.linalg.norm(points[40:] - points[:-40], axis=1)
    assert len(metres) == 1160
    assert (chord - metres).min() > -1e-3
    assert (chord - metres).max() < 0.06  # what the road rises and falls

    # One fix in twenty, as a phone gives them.
    rows = np.arange(0, len(times), 20)
    track = Track.of([Fix(times[i], *place[i], course[i], speed[i]) for i in rows])
    motion = track.at(times)
    assert np.isnan(motion.course).sum() == 19  # after the last fix
    inside = ~np.isnan(motion.course[40:])
    kept = distance_metres(motion.position[:-40], motion.position[40:])[inside]
    turns = course_change(motion.course[:-40], motion.course[40:])[inside]
    assert np.abs(kept - metres[inside]).max() < 0.2
    assert np.abs(turns - course_change(course[:-40], course[40:])[inside]).max() < 0.6
