"""Drives that are written in the layout of BDD100K come back as they were."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from taskspace.errors import InputError
from taskspace_plugins.datasets.driving import _clips, _recording
from taskspace_plugins.datasets.driving._drive_fields import BOXES, MOTION
from taskspace_plugins.datasets.driving.bdd100k import Bdd100k
from taskspace_plugins.datasets.driving.drive import Drive
from taskspace_plugins.driving.changes import course_change, metres_per_degree
from taskspace_plugins.driving.export import _attributes, write_drive
from taskspace_rooms.driving import chunk

DRIVE = Drive(clips=5, windows=4, size=(48, 80), smallest=5, conditions=("day", "dusk", "fog"))
PARTS = {"train": (0, 1, 2), "val": (4,)}
ROWS = [4 * clip + window for clips in PARTS.values() for clip in clips for window in range(4)]


@pytest.fixture(scope="module")
def drives():
    return DRIVE.read(ROWS)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_drive(DRIVE, folder, PARTS, fixes_a_second=5.0)
    return folder


@pytest.fixture(scope="module")
def reader(root) -> Bdd100k:
    return Bdd100k(root=root, size=(48, 80), every=3)


def test_export_is_read_without_a_complaint(reader):
    assert reader.findings() == ()
    assert reader.parts() == ["train"] * 12 + ["test"] * 4
    names = [f"drive-{clip:06d}" for clip in (0, 1, 2, 4) for _ in range(4)]
    assert reader.groups() == names


def test_drives_are_cut_into_windows_as_recordings_are():
    """The world and the reader know nothing of each other, and state the same windows."""
    assert tuple(chunk.STEP * place for place in range(chunk.SHOWN)) == _clips.SHOWN
    assert (_recording.FRAMES_A_SECOND, _recording.SPAN) == (chunk.FRAMES_A_SECOND, chunk.SPAN)


def test_boxes_classes_and_pixels_come_back_exactly(reader, drives):
    back = reader.read(range(16))
    most = back["boxes"].shape[1]
    assert drives["box_count"].sum() > 16
    for name in BOXES:
        expected = drives[name][:, :most] if drives[name].ndim > 1 else drives[name]
        assert torch.equal(back[name].nan_to_num(-7), expected.nan_to_num(-7)), name
    assert torch.equal(back["image"], drives["image"])
    assert torch.equal(back["clip"], drives["clip"])


def test_motion_comes_back_from_the_positions(reader, drives):
    back = reader.read(range(16), set(MOTION))
    # Times are whole milliseconds; metres are those of an ellipsoid, flat near the clip.
    for name, slack in (("angle_change", 2e-3), ("distance_change", 2e-2)):
        assert (back[name] - drives[name]).abs().max() < slack, name
    assert torch.allclose(back["distance_degrees"], drives["distance_degrees"], atol=1e-8)
    assert drives["angle_change"].abs().max() > 10


def test_course_and_speed_are_those_of_the_positions(root):
    moved = 0
    for file in sorted(root.glob("info/100k/*/*.json")):
        rows = json.loads(file.read_text())["locations"]
        for first, last in pairwise(rows):
            north, east = metres_per_degree(first["latitude"])
            up = float(north) * (last["latitude"] - first["latitude"])
            right = float(east) * (last["longitude"] - first["longitude"])
            # A fifth of a second lies between two fixes.
            speed = (first["speed"] + last["speed"]) / 2
            assert math.hypot(up, right) == pytest.approx(speed / 5, abs=0.15)
            if speed > 2:
                moved += 1
                half = course_change(first["course"], last["course"]) / 2
                bearing = math.degrees(math.atan2(right, up))
                assert abs(float(course_change(first["course"] + half, bearing))) < 2
    assert moved > 40


def test_frames_between_those_of_the_dataset_are_of_the_same_clip(root):
    video = root / "images" / "track" / "val" / "drive-000004"
    files = sorted(video.iterdir())
    assert [file.name for file in files] == [f"drive-000004-{n:07d}.png" for n in range(1, 20)]
    frames = DRIVE.film_of(4).render([0.2, 2.8], 80).image.numpy()
    for number, frame in zip((2, 15), frames, strict=True):
        with Image.open(files[number - 1]) as picture:
            pixels = np.asarray(picture).transpose(2, 0, 1)
        assert np.abs(pixels / 255 - frame[:, 16:64]).max() < 0.51 / 255


def test_one_fix_a_second_is_exact_at_the_fixes_and_near_between_them(tmp_path, drives):
    write_drive(DRIVE, tmp_path, PARTS, ending="jpg")
    back = Bdd100k(root=tmp_path, size=(48, 80), every=3).read(range(16))
    angle = (back["angle_change"] - drives["angle_change"]).abs()
    metres = (back["distance_change"] - drives["distance_change"]).abs()
    assert angle[0::4].max() < 2e-3
    assert metres[0::4].max() < 2e-2
    # A course whose rate jumps by w between two fixes a second apart is off by w / 4 at most, at
    # either end of the span; no drive turns faster than 60 degrees a second.
    assert angle.max() < 2 * 60 / 4
    assert metres.max() < 1.0
    assert (back["image"] - drives["image"]).abs().mean() < 0.02
    assert torch.equal(back["box_count"], drives["box_count"])


def test_occluded_and_truncated_follow_from_the_objects_alone(root):
    frames = json.loads((root / "labels" / "det_20" / "det_train.json").read_text())
    assert len(frames) == 12
    attributes = [label["attributes"] for frame in frames for label in frame["labels"]]
    for name in ("occluded", "truncated"):
        assert {each[name] for each in attributes} == {True, False}
    assert not any(each["crowd"] for each in attributes)
    # What the border of the image cuts touches it with its box, unless another thing hides it.
    for label in (label for frame in frames for label in frame["labels"]):
        left, top, right, bottom = label["box2d"].values()
        touches = left == 0 or top == 0 or right == 80 or bottom == 48
        assert not touches or label["attributes"]["truncated"]
        hidden = label["attributes"]["occluded"]
        assert touches or hidden or not label["attributes"]["truncated"]


def test_clip_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no clip 5"):
        write_drive(DRIVE, tmp_path, {"train": [5]})
    assert Drive(clips=10, size=(16, 16)).length() == 40


def test_an_object_is_occluded_where_more_than_a_tenth_of_it_is_hidden():
    alone = np.zeros((20, 20), dtype=bool)
    alone[5:15, 5:15] = True
    for hidden, occluded in ((0, False), (10, False), (11, True)):
        visible = alone.copy()
        visible[5, 5 : 5 + min(hidden, 10)] = False
        visible[6, 5 : 5 + hidden - min(hidden, 10)] = False
        assert _attributes(visible, alone)["occluded"] is occluded
        assert not _attributes(visible, alone)["truncated"]
    assert _attributes(alone[5:], alone[5:])["truncated"]
