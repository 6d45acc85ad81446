"""Drives are exact: boxes follow from masks, near things hide far ones, motion from the way."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pydantic
import pytest
import torch

from taskspace_plugins.datasets.driving._drive_fields import BOXES, MOTION
from taskspace_plugins.datasets.driving._scalabel import CATEGORIES
from taskspace_plugins.datasets.driving.bdd100k import Bdd100k
from taskspace_plugins.datasets.driving.drive import Drive
from taskspace_plugins.driving.changes import distance_metres
from taskspace_rooms.cache import Chunks
from taskspace_rooms.driving import vehicles
from taskspace_rooms.driving.chunk import CHUNK, seconds_of
from taskspace_rooms.driving.classes import MOST, OBJECTS
from taskspace_rooms.driving.course import RoadLine, SpeedProfile, Trip
from taskspace_rooms.driving.film import Film
from taskspace_rooms.driving.ground import located
from taskspace_rooms.driving.street import Thing
from taskspace_rooms.furnishing.draw import Draw

DRIVE = Drive(clips=10, windows=2, size=(48, 64), smallest=6)


@pytest.fixture(scope="module")
def whole():
    return DRIVE.read(range(20))


def film(*things: Thing, trip: Trip | None = None) -> Film:
    """Return a film of these things alone, on a straight street that the camera looks along."""
    made = Film(0, 0, ("day",), 1.0)
    made.things = things
    made.journey = replace(
        made.journey, roads=(RoadLine(),), junction=None, trip=trip or Trip(RoadLine())
    )
    return made


def standing(kind: str, x: float, y: float) -> Thing:
    parts = getattr(vehicles, kind)(Draw(1))
    return Thing(kind, vehicles.moved(parts, x, y))


def test_boxes_are_the_tight_ones_around_visible_pixels(whole):
    classes = set()
    for row in range(20):
        mask = whole["instance"][row, 0].numpy()
        clip = Film(row // 2, 0, ("day", "dusk"), seconds_of(2))
        expected = []
        for number in np.unique(mask[mask > 0]).astype(int):
            rows, columns = np.where(mask == number)
            if len(rows) >= DRIVE.smallest:
                sides = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                labelled = [thing for thing in clip.things if thing.kind]
                expected.append((*sides, CATEGORIES.index(labelled[number - 1].kind)))
        count = int(whole["box_count"][row])
        boxes = torch.cat([whole["boxes"][row], whole["box_class"][row, :, None]], 1)
        assert [tuple(box) for box in boxes[:count].tolist()] == expected
        assert boxes[count:, :4].isnan().all()
        assert (boxes[count:, 4] == -1).all()
        assert (whole["box_crowd"][row, :count] == 0).all()
        assert (whole["box_crowd"][row, count:] == -1).all()
        classes |= {CATEGORIES[int(box[4])] for box in boxes[:count]}
    assert {"car", "pedestrian", "traffic sign"} <= classes
    assert whole["box_count"].sum() > 40


def test_a_nearer_thing_hides_a_farther_one():
    hidden, hiding = standing("car", 0.0, 30.0), standing("truck", 0.0, 14.0)
    alone = film(hidden).render([0.0], 64).instance
    assert (alone == 1).sum() > 10
    both = film(hidden, hiding).render([0.0], 64).instance
    assert (both == 1).sum() == 0
    assert torch.equal(both == 2, film(hiding).render([0.0], 64).instance == 1)
    beside = film(standing("car", 3.4, 30.0), hiding)
    part, full = (beside.render([0.0], 64).instance == 1)[0], beside.masks_alone(0.0, 64)[0]
    assert 0 < part.sum() < full.sum()
    assert not (part & ~full).any()


def test_a_car_is_where_the_camera_projects_it():
    """A car 20 m ahead, 2 m to the right: by the lens, without the renderer."""
    made = film(standing("car", 2.0, 20.0))
    made.view = replace(made.view, pitch=0.0)
    mask = made.masks_alone(0.0, 256)[0]
    solids = [part.solid for part in made.things[0].parts if not part.shadow]
    back = min(solid.centre[1] - solid.size[1] for solid in solids)
    top = max(solid.centre[2] + solid.size[2] for solid in solids)
    scale = 128 / math.tan(made.view.field_of_view / 2)
    rows, columns = torch.where(mask)
    nearest_roof = min(s.centre[1] - s.size[1] for s in solids if s.centre[2] + s.size[2] == top)
    assert abs(int(rows.min()) - (128 - scale * (top - made.view.height) / nearest_roof)) <= 1.5
    assert abs(int(rows.max()) + 1 - (128 + scale * made.view.height / (back + 0.8))) <= 3
    wide = max(solid.size[0] for solid in solids if solid.size[0] > 0.7)
    assert abs(int(columns.max()) + 1 - (128 + scale * (2 + wide) / back)) <= 2


def test_straight_drive_and_bend_have_the_motion_of_their_formulas():
    straight = Trip(RoadLine(heading=0.3), 2.0, SpeedProfile(10.0))
    start, end = straight.pose(np.array([1.0, 3.0]))
    assert end[:2] - start[:2] == pytest.approx([20 * math.sin(0.3), 20 * math.cos(0.3)])
    for side in (-1.0, 1.0):
        bend = RoadLine(bend=side * math.pi / 2, radius=20.0)
        start, end = Trip(bend, 0.0, SpeedProfile(8.0)).pose(np.array([0.5, 2.5]))
        angle = 8.0 * 2 / 20
        assert end[2] - start[2] == pytest.approx(side * angle)
        assert np.hypot(*(end - start)[:2]) == pytest.approx(2 * 20 * math.sin(angle / 2))
        # Rightwards is clockwise and east of a way that starts north.
        assert np.sign(end[0]) == side
        last = bend.pose(bend.arc + 5.0)
        assert last == pytest.approx([side * 25.0, 20.0, side * math.pi / 2])
        inner = bend.parallel(side * 3.0)
        assert inner.arc == pytest.approx(17.0 * math.pi / 2)
        assert inner.pose(inner.arc + 5.0) == pytest.approx([side * 25, 17.0, side * math.pi / 2])


@pytest.mark.parametrize("forward", [True, False])
def test_what_moves_faces_where_it_goes(forward):
    line = RoadLine(1.0, 2.0, 0.7, 10.0, 1.1, 15.0)
    for right in (-1.75, 4.0):
        trip = Trip(line.parallel(right), 30.0, SpeedProfile(9.0), forward)
        pose = trip.pose(np.linspace(0, 3, 3001))
        step = np.diff(pose[:, :2], axis=0)
        assert np.hypot(*step.T) == pytest.approx(9e-3, rel=1e-4)
        ahead = np.stack([np.sin(pose[:-1, 2]), np.cos(pose[:-1, 2])], axis=1)
        assert (ahead * step).sum(1) == pytest.approx(9e-3, rel=1e-4)


def test_places_beside_a_line_are_located_where_its_poses_are():
    along = torch.linspace(-3, 60, 64, dtype=torch.float64)
    for course in (
        RoadLine(1, 2, 0.4),
        RoadLine(3, -1, 2.0, 8, -1.2, 20),
        RoadLine(0, 0, 5.0, 9, 1.5, 25),
    ):
        for right in (-7.0, 0.0, 4.0):
            poses = torch.from_numpy(course.parallel(right).pose(along.numpy()))
            aside, _ = located(course, poses[:, 0], poses[:, 1])
            assert torch.allclose(aside, torch.full_like(aside, right))
        poses = torch.from_numpy(course.pose(along.numpy()))
        assert torch.allclose(located(course, poses[:, 0], poses[:, 1])[1], along)


def test_pace_is_the_integral_of_its_rate_and_ends_at_a_stop():
    times = np.linspace(0, 6, 6001)
    for pace in (SpeedProfile(9.0, 0.7, -3.0), SpeedProfile(0.0, 1.0, 2.0), SpeedProfile(7.0)):
        summed = np.concatenate(
            [[0], np.cumsum((pace.rate(times)[1:] + pace.rate(times)[:-1]) / 2)]
        )
        assert pace.distance(times) == pytest.approx(summed * 1e-3, abs=1e-3)
    assert SpeedProfile(9.0, 0.7, -3.0).rate(6.0) == 0
    assert SpeedProfile(9.0, 0.7, -3.0).distance(60.0) == pytest.approx(9 * 0.7 + 81 / 6)


def test_motion_labels_are_those_of_the_way(whole):
    for row in range(20):
        way = DRIVE.journey_of(row // 2)
        times = (row % 2) * 0.6 + np.linspace(0, 2, 2001)
        pose = way.trip.pose(times)
        # Summed up in small steps, none of which wraps around.
        turned = np.rad2deg(np.diff(pose[:, 2])).sum()
        assert float(whole["angle_change"][row]) == pytest.approx(turned, abs=1e-3)
        metres = np.hypot(*(np.diff(pose[:, :2], axis=0).sum(0)))
        assert float(whole["distance_change"][row]) == pytest.approx(metres, abs=1e-3)
        # A degree has between 48 km (of longitude, at 60 degrees north) and 112 km.
        least, most = (metres / (each * 1000) for each in (112, 55))
        assert least - 1e-9 <= float(whole["distance_degrees"][row]) <= most + 1e-9


def test_turns_stops_and_conditions_occur():
    drive = Drive(clips=300)
    motion = drive.read(range(drive.length()), set(MOTION))
    angle = motion["angle_change"]
    assert (angle > 45).float().mean() > 0.04 < (angle < -45).float().mean()
    assert (angle.abs() < 5).float().mean() > 0.25
    assert (motion["distance_change"] < 1).float().mean() > 0.02
    assert (motion["distance_change"] > 20).float().mean() > 0.1
    assert {drive.journey_of(clip).condition for clip in range(50)} == {"day", "dusk"}
    foggy = Drive(conditions=("day", "dusk", "fog"))
    assert {foggy.journey_of(clip).condition for clip in range(50)} == {"day", "dusk", "fog"}


def test_labels_do_not_depend_on_what_is_read_with_them(whole):
    some = DRIVE.read([19, 3, 3])
    assert set(some) == set(DRIVE.fields())
    for name, values in some.items():
        assert torch.equal(values.nan_to_num(-7), whole[name][[19, 3, 3]].nan_to_num(-7)), name
        declared = DRIVE.fields()[name]
        assert values.shape[1:] == declared.shape
        assert values.dtype == (torch.int64 if declared.classes else torch.float32), name


def test_windows_share_frames_and_begin_with_the_image(whole):
    assert torch.equal(whole["clip"][:, 0], whole["image"])
    assert torch.equal(whole["clip"][0::2, 1:], whole["clip"][1::2, :3])
    moving = (whole["distance_change"] > 5).nonzero()[:, 0]
    apart = (whole["clip"][moving, 0] - whole["clip"][moving, 3]).abs().mean((1, 2, 3))
    assert (apart > 0.01).all()


def test_nothing_is_rendered_that_is_not_read(monkeypatch):
    made = []
    monkeypatch.setattr(Chunks, "_made", lambda self, chunk, name: made.append(name) or 1 / 0)
    drive = Drive(clips=3, seed=77, size=(16, 16))
    assert set(drive.read(range(12), set(MOTION))) == set(MOTION)
    drive.fingerprint()
    drive.groups()
    assert made == []
    with pytest.raises(ZeroDivisionError):
        drive.read([0], {"image"})


def test_images_and_boxes_render_first_frames_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_DATA", str(tmp_path))
    drive = Drive(clips=1, size=(16, 16))
    drive.read([3], {"image", "instance", *BOXES})
    assert {path.parent.name for path in tmp_path.glob("drive/*/*/0")} == {"starts"}
    drive.read([3], {"clip"})
    assert {path.parent.name for path in tmp_path.glob("drive/*/*/0")} == {"starts", "ends"}


def test_larger_dataset_begins_with_the_smaller_one(whole):
    larger = Drive(clips=2 * CHUNK, windows=2, size=(48, 64), smallest=6).read([5])
    for name, values in larger.items():
        assert torch.equal(values.nan_to_num(-7), whole[name][[5]].nan_to_num(-7)), name


def test_another_process_renders_the_same(whole, tmp_path, monkeypatch):
    monkeypatch.setenv("TASKS_DATA", str(tmp_path))
    program = (
        "import hashlib; from taskspace_plugins.datasets.driving.drive import Drive;"
        "s = Drive(clips=10, windows=2, size=(48, 64), smallest=6).read([4], {'clip'});"
        "print(hashlib.sha256(s['clip'].numpy().tobytes()).hexdigest())"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == hashlib.sha256(whole["clip"][[4]].numpy().tobytes()).hexdigest()


def test_every_parameter_but_the_number_of_clips_gives_other_drives():
    first = Drive(clips=2).fingerprint()
    others = [
        Drive(clips=2, seed=1),
        Drive(clips=3),
        Drive(clips=2, size=(64, 64)),
        Drive(clips=2, windows=3),
        Drive(clips=2, conditions=("fog",)),
        Drive(clips=2, smallest=5),
    ]
    assert len({first, *(each.fingerprint() for each in others)}) == 7
    assert Drive(clips=2).groups() == ["drive-000000"] * 4 + ["drive-000001"] * 4
    with pytest.raises(pydantic.ValidationError, match="between 16 and 1024"):
        Drive(size=(4, 64))


def test_fields_are_those_of_bdd100k():
    shared = set(Drive().fields()) - {"instance"}
    assert shared == {"image", "clip", *BOXES, *MOTION}
    for name in BOXES[1:3]:
        assert Drive().fields()[name].classes is not None
    assert set(OBJECTS) < set(CATEGORIES)
    assert Bdd100k.name == "bdd100k"


def test_streets_hold_no_more_labelled_things_than_there_is_room_for():
    for clip in range(40):
        made = Film(clip, 0, ("day",), 3.8)
        assert 1 <= len(made.kinds) <= MOST
        inside = made.journey.trip.pose(np.linspace(0, 3.8, 20))
        assert np.isfinite(inside).all()
        assert distance_metres([40, 0], [40, 0]) == 0
