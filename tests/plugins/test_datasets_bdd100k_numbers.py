"""Numbers in labels of BDD100K that are none, and those in the names of frames."""

from __future__ import annotations

import json
import shutil

import pytest

from drive_files import HEIGHT, WIDTH, label, write_drives
from taskspace_plugins.datasets.driving.bdd100k import Bdd100k


@pytest.mark.parametrize("side", ["NaN", "Infinity", "1e999", "1" + "0" * 400, "true", '"3"'])
def test_a_box_with_a_side_that_is_no_number_is_listed(tmp_path, side):
    root = write_drives(tmp_path)
    box = f'{{"category": "car", "box2d": {{"x1": {side}, "y1": 0, "x2": 9, "y2": 9}}}}'
    frames = f'[{{"name": "drive-a.jpg", "labels": [{box}]}}]'
    (root / "labels" / "det_20" / "det_train.json").write_text(frames)
    drive = Bdd100k(root=root, part="train", size=(HEIGHT, WIDTH))
    assert drive.read([0], {"box_count"})["box_count"].tolist() == [0]
    details = {each.code: each.details for each in drive.findings()}
    assert details["labels-without-box"] == ("drive-a.jpg, label 0 (car)",)


@pytest.mark.parametrize("labelled", [True, False])
def test_a_frame_called_after_a_clip_is_of_it_though_no_label_names_the_video(tmp_path, labelled):
    root = write_drives(tmp_path)
    images = root / "images" / "100k" / "train"
    shutil.move(images / "drive-a.jpg", images / "drive-a-0000021.jpg")
    # It may be called like a frame of a video that is not there.
    shutil.move(images / "drive-b.jpg", images / "b-0000021.jpg")
    frames = [{"name": "drive-a-0000021.jpg", "labels": [label("car", 0, 0, 9, 9)]}] * labelled
    (root / "labels" / "det_20" / "det_train.json").write_text(json.dumps(frames))
    drive = Bdd100k(root=root, part="train", size=(HEIGHT, WIDTH))
    assert list(drive.groups())[:3] == ["b-0000021", "drive-a", "drive-c"]
    levels = drive.read([1], {"clip"})["clip"].mean(dim=(2, 3, 4)) * 255
    assert levels.round().tolist() == [[21, 24, 27, 30]]
    # The window that starts there is that sample, not one more.
    assert list(drive.groups()).count("drive-a") == 6
