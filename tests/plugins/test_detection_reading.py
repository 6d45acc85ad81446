"""What is read off a map of boxes, drawn of it, and counted in it."""

from __future__ import annotations

import pytest
import torch
from test_detection_task import BIG, CLASSES, FIELDS, SIDE, SIGN, SMALL, STRIDE, packed

from taskspace.components import Field
from taskspace.components.detection.boxes import pack_detections, scores_of, unpack_boxes
from taskspace_plugins.detection.centres import LARGEST_LOG, boxes_of
from taskspace_plugins.detection.drawing import class_colour, drawn
from taskspace_plugins.detection.peaks import peaks
from taskspace_plugins.tasks.labels.detection import Detection


def detected(*boxes: tuple[float, ...]) -> torch.Tensor:
    """Return detections in one image: left, top, right, bottom, class, score."""
    table = torch.tensor([boxes])
    sure = torch.ones(1, len(boxes), dtype=torch.bool)
    return pack_detections(table[..., :4], table[..., 4], table[..., 5], sure)


def test_a_place_beside_a_higher_one_of_its_class_is_no_peak():
    logits = torch.full((1, 2, *SIDE), -9.0)
    logits[0, 0, 3, 4:7] = torch.tensor([2.0, 3.0, 1.0])  # a hill: its top alone
    logits[0, 1, 3, 6] = 2.5  # its neighbour, of another class
    logits[0, 0, 6, 10] = 0.5  # elsewhere
    found = peaks(logits, torch.zeros(1, 4, *SIDE), STRIDE, 3)
    assert scores_of(found)[0].tolist() == pytest.approx(
        torch.tensor([3.0, 2.5, 0.5]).sigmoid().tolist()
    )
    assert unpack_boxes(found).classes.tolist() == [[0, 1, 0]]
    # A stride around the middle of the place.
    assert unpack_boxes(found).boxes[0, 0].tolist() == [18, 10, 26, 18]


def test_boxes_end_at_the_border_of_the_map():
    logits = torch.full((1, 1, *SIDE), -9.0)
    logits[0, 0, 3, 4] = 1.0
    found = peaks(logits, torch.full((1, 4, *SIDE), 5.0), STRIDE, 1)
    assert unpack_boxes(found).boxes[0, 0].tolist() == [0, 0, 48, 32]


def test_no_distance_is_beyond_every_number():
    boxes = boxes_of(torch.full((1, 4, *SIDE), 1e4), STRIDE)
    assert boxes.isfinite().all()
    assert float(boxes.max()) < 2 * STRIDE * torch.tensor(LARGEST_LOG).exp()


def test_what_is_detected_in_a_crowd_counts_neither_way():
    task = Detection()
    crowd = (0.0, 0.0, 16.0, 16.0, 2, 1)
    inside = (2.0, 2.0, 12.0, 12.0, 2, 0.9)
    labels = packed([SIGN, crowd])
    single = packed([SIGN, (*crowd[:5], 0)])
    found = detected((*SIGN, 0.8), inside)
    assert task.measure_all(found, labels, FIELDS)["ap"] == pytest.approx(1.0)
    assert task.measure_all(found, single, FIELDS)["ap"] < 0.6


def test_crowds_of_the_dataset_are_crowds_of_the_target():
    task = Detection()
    crowds = {**FIELDS, "box_crowd": Field((4,), ("single", "crowd"))}
    assert task.needs(crowds) == task.needs(FIELDS) | {"box_crowd"}
    sample = {
        "boxes": torch.tensor([[BIG[:4], SMALL[:4]]]),
        "box_class": torch.tensor([[0, 0]]),
        "box_count": torch.tensor([2.0]),
        "box_crowd": torch.tensor([[0, 1]]),
    }
    assert unpack_boxes(task.target(sample)).crowd.tolist() == [[False, True]]
    del sample["box_crowd"]
    assert unpack_boxes(task.target(sample)).crowd.tolist() == [[False, False]]


def test_words_count_the_boxes_of_each_class():
    labels = packed([BIG, SMALL, SIGN], [], [(0.0, 0.0, 4.0, 4.0, 1)])
    assert Detection().words(labels, FIELDS) == [
        f"2 {CLASSES[0]}, 1 {CLASSES[2]}",
        "none",
        f"1 {CLASSES[1]}",
    ]


def test_outlines_are_one_pixel_wide_around_the_pixels_of_a_box():
    image = torch.zeros(1, 3, 32, 48)
    labels = packed([(40.0, 2.0, 45.0, 9.0, 2)])
    outline = torch.zeros(32, 48, dtype=torch.bool)
    outline[2:9, 40:45] = True
    outline[3:8, 41:44] = False
    picture = drawn(labels, image)
    assert torch.equal(picture[0], outline * class_colour(2)[:, None, None])
    assert not image.any()
    sure = drawn(detected((40.0, 2.0, 45.0, 9.0, 2, 0.31)), image)
    assert torch.equal(sure, picture)
    assert not drawn(detected((40.0, 2.0, 45.0, 9.0, 2, 0.29)), image).any()
    # Beyond the border: nothing outside of the image is written.
    drawn(packed([(-9.0, -9.0, 99.0, 99.0, 0), (50.0, 5.0, 60.0, 9.0, 1)]), image)
