"""Labels of BDD100K whose numbers are none."""

from __future__ import annotations

import pytest

from drive_files import HEIGHT, WIDTH, write_drives
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
