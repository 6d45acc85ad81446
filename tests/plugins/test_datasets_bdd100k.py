"""The reader of BDD100K: boxes, clips and motion, and whatever is wrong with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from drive_files import HEIGHT, LABELS, START, WIDTH, clip, fixes, frame, info, label, write_drives
from taskspace.errors import DataError
from taskspace_plugins.datasets.driving._scalabel import Unused, inside, read_labels_file
from taskspace_plugins.datasets.driving.bdd100k import Bdd100k
from taskspace_plugins.driving.changes import distance_metres
from taskspace_plugins.tasks.driving.angle_change import AngleChange
from taskspace_plugins.tasks.driving.distance_change import DistanceChange

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "driving" / "example_annotation.json"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return write_drives(tmp_path_factory.mktemp("drives"))


@pytest.fixture(scope="module")
def drives(root) -> Bdd100k:
    return Bdd100k(root=root, size=(HEIGHT, WIDTH))


def found(dataset: Bdd100k) -> dict[str, tuple[str, ...]]:
    return {each.code: (each.text, *each.details) for each in dataset.findings()}


def test_samples_are_labelled_frames_then_windows(drives):
    # Windows start every 10 frames: drive-a at 0 to 40 (50 is its labelled frame), drive-e at 0 and
    # 20 (the one at 10 needs frame 14), drive-f and drive-g at 0.
    assert list(drives.groups()) == [
        "drive-a", "drive-b", "drive-c", "drive-d",
        *["drive-a"] * 5, *["drive-e"] * 2, "drive-f", "drive-g",
    ]  # fmt: skip
    assert list(drives.parts()) == ["train"] * 3 + ["test"] + ["train"] * 8 + ["test"]
    assert drives.length() == 13


def test_boxes_are_of_the_frame_and_padded(drives):
    sample = drives.read(range(drives.length()), {"boxes", "box_class", "box_crowd", "box_count"})
    assert drives.fields()["boxes"].shape == (5, 4)
    # Labelled with five, with nothing, not at all, with one; windows are not labelled.
    assert sample["box_count"].nan_to_num(-1).tolist() == [5, 0, -1, 1] + [-1] * 9
    assert sample["boxes"][0].tolist() == [
        [8, 9, 24, 18],
        [40, 9, 44, 27],
        [0, 30, 6, 36],  # cut off at the left and below
        [0, 0, 32, 18],
        [10, 2, 30.5, 12],  # around the polygon
    ]
    names = drives.fields()["box_class"].classes
    assert [names[i] for i in sample["box_class"][0]] == [
        "car", "pedestrian", "traffic light", "truck", "train",
    ]  # fmt: skip
    assert sample["box_crowd"][0].tolist() == [0, 1, 0, 1, 0]
    assert sample["boxes"][3, 0].tolist() == [0, 0, WIDTH, HEIGHT]
    assert sample["boxes"][3, 1:].isnan().all()


def test_boxes_shrink_with_the_frame(root):
    small = Bdd100k(root=root, size=(HEIGHT // 3, WIDTH // 2)).read([0], {"boxes", "image"})
    assert small["boxes"][0, 0].tolist() == [4, 3, 12, 6]
    assert small["image"].shape == (1, 3, 12, 32)


def test_a_clip_has_every_third_frame(drives):
    levels = drives.read([0, 5, 1], {"clip"})["clip"].mean(dim=(2, 3, 4)) * 255
    # The labelled frame is that of the tenth second: frames 51, 54, 57 and 60 counted from 1.
    assert levels.round().tolist() == [[51, 54, 57, 60], [11, 14, 17, 20], [0, 0, 0, 0]]


def test_motion_is_that_of_two_seconds(drives):
    sample = drives.read(range(drives.length()), {"angle_change", "distance_change"})
    # drive-a: 4 degrees a second, through north; drive-e: -8 degrees a second.
    turns = [8, None, None, None, 8, 8, 8, 8, 8, -16, -16, None, None]
    assert sample["angle_change"].tolist() == pytest.approx(
        [torch.nan if turn is None else turn for turn in turns], nan_ok=True, abs=1e-4
    )
    # 20 m at 1/111,000 of a degree each: 0.00018018 degrees of 111,035 m at 40 degrees north.
    assert sample["distance_change"][0] == pytest.approx(20.006, abs=2e-3)
    assert sample["distance_change"][9] == pytest.approx(4.0013, abs=1e-3)
    assert drives.read([0], {"distance_degrees"})["distance_degrees"][0] == pytest.approx(
        20 / 111e3
    )


def test_nothing_that_is_left_out_goes_unsaid(drives):
    findings = found(drives)
    assert findings["categories-unknown"][1:] == ("drivable area: 1",)
    assert findings["categories-undecided"][1:] == ("trailer: 1",)
    assert findings["labels-without-image"][1:] == ("train/nowhere.jpg",)
    assert findings["labels-repeated"][1:] == ("drive-b.jpg",)
    assert findings["frames-without-labels"][1:] == ("train/drive-c.jpg",)
    assert findings["labels-without-box"][1:] == ("drive-a.jpg, label 7 (rider)",)
    assert findings["boxes-without-area"][1:] == ("drive-a.jpg, label 4 (truck)",)
    assert findings["boxes-outside"][1:] == ("drive-a.jpg, label 3 (bus)",)
    assert findings["boxes-cut"][1:] == ("drive-a.jpg, label 2 (traffic light)",)
    assert findings["boxes-of-polygons"][1:] == ("drive-a.jpg, label 8 (train)",)
    assert findings["frames-missing"][1:] == ("drive-e: 1, the first is 14",)
    assert findings["windows-left-out"][1:] == ("drive-e, from frame 11",)
    assert findings["clips-without-motion"][1:] == (
        "drive-f: it has no info file",
        "drive-g: it was recorded without GPS",
    )
    assert findings["motion-missing"][0].startswith("Of 10 windows of clips, 8 have a change")
    labels = [each for frame in LABELS["train"][:1] for each in frame["labels"]]
    lost = sum(len(findings[c]) - 1 for c in ("labels-without-box", "boxes-without-area",
                                          "boxes-outside", "categories-unknown"))  # fmt: skip
    assert lost + 5 == len(labels)


def test_labelled_frames_and_clips_may_lie_in_two_roots(tmp_path, drives):
    first, second = tmp_path / "frames", tmp_path / "clips"
    write_drives(first, second)
    assert not (first / "info").exists()
    apart = Bdd100k(root=first, clips_root=second, size=(HEIGHT, WIDTH))
    assert apart.fingerprint() == drives.fingerprint()
    alone = Bdd100k(root=first, size=(HEIGHT, WIDTH))
    assert alone.length() == 4
    assert "clip" not in alone.fields()
    clips = Bdd100k(root=second, size=(HEIGHT, WIDTH))
    assert "boxes" not in clips.fields()
    assert list(clips.groups()).count("drive-a") == 6
    assert clips.findings()


def test_clips_may_lie_in_no_part(tmp_path, drives):
    root = write_drives(tmp_path)
    for folder in (root / "images" / "track", root / "info" / "100k"):
        for entry in list(folder.glob("*/*")):
            shutil.move(entry, folder / entry.name)
    flat = Bdd100k(root=root, size=(HEIGHT, WIDTH))
    assert sorted(flat.groups()) == sorted(drives.groups())
    assert flat.parts() is None
    assert flat.read([0], {"angle_change"})["angle_change"][0] == pytest.approx(8, abs=1e-4)


def test_a_part_is_read_alone(root):
    alone = Bdd100k(root=root, part="val", size=(HEIGHT, WIDTH))
    assert alone.groups() == ["drive-d", "drive-g"]
    # The folder of another part is no clip, and what is in it is not out of place.
    assert not any("train" in line for each in alone.findings() for line in each.details)


def test_val_tests_unless_frames_of_test_are_labelled(tmp_path):
    root = write_drives(tmp_path)
    frame(root / "images" / "100k" / "test" / "drive-x.jpg", 90)
    unlabelled = Bdd100k(root=root, size=(HEIGHT, WIDTH))
    by_video = dict(zip(unlabelled.groups(), unlabelled.parts(), strict=True))
    assert by_video["drive-x"] == "unlabelled" and by_video["drive-d"] == "test"
    labels = [{"name": "drive-x.jpg", "labels": [label("car", 1, 1, 9, 9)]}]
    (root / "labels" / "det_20" / "det_test.json").write_text(json.dumps(labels))
    labelled = Bdd100k(root=root, size=(HEIGHT, WIDTH))
    by_video = dict(zip(labelled.groups(), labelled.parts(), strict=True))
    assert by_video["drive-x"] == "test" and by_video["drive-d"] == "val"


def test_a_second_root_without_clips_is_an_error(root, tmp_path):
    with pytest.raises(DataError, match="There are no clips"):
        Bdd100k(root=root, clips_root=tmp_path, size=(HEIGHT, WIDTH)).length()


def test_the_fingerprint_follows_the_content(tmp_path, drives):
    root = write_drives(tmp_path)
    info(root, "train", "drive-a", fixes(14, 350, 5, 10))
    assert Bdd100k(root=root, size=(HEIGHT, WIDTH)).fingerprint() != drives.fingerprint()
    write_drives(root)
    assert Bdd100k(root=root, size=(HEIGHT, WIDTH)).fingerprint() == drives.fingerprint()
    labels = root / "labels" / "det_20" / "det_val.json"
    labels.write_text(labels.read_text().replace("64", "63"))
    assert Bdd100k(root=root, size=(HEIGHT, WIDTH)).fingerprint() != drives.fingerprint()


def test_gaps_and_unknown_values_of_a_recording_are_missing(tmp_path):
    rows = fixes(9, 0, 1, 10)
    rows[2]["course"] = -1.0
    rows[5]["speed"] = -1.0
    del rows[7]
    clip(tmp_path, "train", "drive", 40)
    info(tmp_path, "train", "drive", rows)
    drive = Bdd100k(root=tmp_path, every=5)
    sample = drive.read(range(drive.length()), {"angle_change", "distance_change"})
    # A window of two seconds at each second: the course is missing at 2 and 5, the place at 5; 7
    # lies in a gap of two seconds.
    assert drive.length() == 7
    turns, ways = (~sample[name].isnan() for name in ("angle_change", "distance_change"))
    assert turns.tolist() == [False, True, False, False, True, False, True]
    assert ways.tolist() == [True, True, True, False, True, False, True]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "cannot be read"),
        ("[]", "no `startTime`"),
        (json.dumps({"startTime": START, "locations": []}), "without GPS"),
        (json.dumps({"startTime": START, "locations": [{"timestamp": START}]}), "is valid"),
        (json.dumps({"startTime": 10**400, "locations": [{"timestamp": START}]}), "no `startTime`"),
        (
            json.dumps(
                {
                    "startTime": START,
                    "locations": [
                        {"timestamp": START, "latitude": 10**400, "longitude": 8.0, "speed": 3.0}
                    ],
                }
            ),
            "is valid",
        ),
    ],
)
def test_a_recording_that_says_nothing_is_listed(tmp_path, content, fault):
    clip(tmp_path, "train", "drive", 12)
    path = tmp_path / "info" / "100k" / "train" / "drive.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    drive = Bdd100k(root=tmp_path)
    assert drive.read([0])["angle_change"].isnan().all()
    assert fault in found(drive)["clips-without-motion"][1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "The labels cannot be read"),
        ("7", "holds no list of frames"),
        ('[{"labels": []}]', "Entry 0 has no `name`"),
        ('[{"name": "a.jpg", "labels": 3}]', "Entry 0 has no `name`, or its `labels`"),
    ],
)
def test_labels_of_another_form_are_refused(tmp_path, content, message):
    root = write_drives(tmp_path)
    (root / "labels" / "det_20" / "det_train.json").write_text(content)
    with pytest.raises(DataError, match=message):
        Bdd100k(root=root).length()


def test_a_folder_without_frames_is_refused(tmp_path):
    with pytest.raises(DataError, match="neither frames in images/100k nor clips"):
        Bdd100k(root=tmp_path).length()


def test_a_damaged_frame_is_named(tmp_path):
    root = write_drives(tmp_path)
    (root / "images" / "100k" / "train" / "drive-b.jpg").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"train/drive-b\.jpg .* cannot be read as images"):
        Bdd100k(root=root).length()


def test_frames_that_are_called_after_their_video_are_where_they_say(tmp_path):
    root = write_drives(tmp_path)
    images = root / "images" / "100k" / "train"
    shutil.move(images / "drive-a.jpg", images / "drive-a-0000021.jpg")
    frames = [
        {
            "name": "drive-a-0000021.jpg",
            "videoName": "drive-a",
            "labels": [label("car", 0, 0, 9, 9)],
        }
    ]
    (root / "labels" / "det_20" / "det_train.json").write_text(json.dumps(frames))
    drive = Bdd100k(root=root, part="train", size=(HEIGHT, WIDTH))
    levels = drive.read([0], {"clip"})["clip"].mean(dim=(2, 3, 4)) * 255
    assert levels.round().tolist() == [[21, 24, 27, 30]]


def test_tasks_tell_classes_of_motion_apart(drives):
    sample = drives.read([0, 9, 1])
    fields = drives.fields()
    turn, way = AngleChange(), DistanceChange()
    assert turn.words(turn.target(sample), fields) == ["5 to 15°", "-45 to -15°", "missing"]
    assert way.words(way.target(sample), fields) == ["20 to 30 m", "1 to 5 m", "missing"]
    degrees = DistanceChange(unit="degrees")
    assert degrees.words(degrees.target(sample), fields) == [
        "0.0001 to 0.0002°", "1e-05 to 5e-05°", "missing",
    ]  # fmt: skip
    assert turn.head(fields).size == way.head(fields).size == 7
    assert AngleChange(edges=(0,)).head(fields).size == 2
    assert turn.default_label_cost() == 0
    with pytest.raises(ValueError, match="edges have to rise"):
        AngleChange(edges=(5, -5))


def test_lengths_follow_the_places_of_the_recording(drives):
    rows = fixes(14, 350, 4, 10)
    start, end = ([rows[i]["latitude"], rows[i]["longitude"]] for i in (2, 4))
    row = drives.read([5], {"distance_change"})["distance_change"]
    assert row[0] == pytest.approx(float(distance_metres(start, end)), rel=1e-6)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason=f"needs the annotation {PUBLISHED}")
def test_the_published_annotation_is_read_whole():
    # The example in the repository bdd100k/bdd100k (BSD-3): four cars, as polygons. The corners are
    # read off the lists of vertices; the last car is in two pieces, and one box is around both.
    unused = Unused()
    (frame,) = read_labels_file(PUBLISHED, unused).values()
    assert (frame.name, frame.video) == ("b1c81faa-3df17267-0000001.jpg", "b1c81faa-3df17267")
    boxes = inside(frame, 1280, 720, unused)
    assert [box.category for box in boxes] == [2, 2, 2, 2]
    assert [[round(side, 1) for side in box[:4]] for box in boxes] == [
        [199.3, 192.0, 603.9, 540.9],
        [61.6, 277.8, 211.8, 366.4],
        [170.8, 278.5, 226.5, 312.2],
        [587.0, 285.4, 714.8, 328.3],
    ]
    assert not any(box.crowd for box in boxes)
    assert len(unused.polygons) == 4
    assert not unused.cut + unused.outside + unused.without_box


def test_a_recording_in_the_form_that_the_docs_show_is_read_without_a_complaint(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text("utf-8")
    section = page.partition("## BDD100K")[2]
    labels, way = (json.loads(each.partition("```")[0]) for each in section.split("```json")[1:3])
    (fix,) = way["locations"]
    seconds = range(14)
    way["locations"] = [
        fix | {"timestamp": fix["timestamp"] + 1000 * each, "latitude": 48.1 + each * 1e-4}
        for each in seconds
    ]
    clip(tmp_path, "train", "VIDEO", 60)
    frame(tmp_path / "images" / "100k" / "train" / labels[0]["name"], 51)
    for path, content in (
        (tmp_path / "labels" / "det_20" / "det_train.json", labels),
        (tmp_path / "info" / "100k" / "train" / "VIDEO.json", way),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    recording = Bdd100k(root=tmp_path, size=(HEIGHT, WIDTH))
    assert not recording.findings(), found(recording)
    assert set(recording.groups()) == {"VIDEO"}
    sample = recording.read([0])
    assert sample["boxes"][0, 0].tolist() == [10, 12, 60, 34]
    assert sample["angle_change"][0] == 0
    metres = float(distance_metres(np.array([48.1, 11.6]), np.array([48.1002, 11.6])))
    assert sample["distance_change"][0] == pytest.approx(metres, rel=1e-3)
