"""AP beside hand computation, and beside a plain implementation of its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskspace.components.detection import average_precision as module
from taskspace.components.detection.average_precision import (
    AveragePrecision,
    DetectedBoxes,
    LabelledBoxes,
    average_precision,
)
from taskspace.errors import InputError

THRESHOLDS = [round(0.5 + 0.05 * step, 2) for step in range(10)]
BOX, OTHER, FAR = (10, 10, 50, 50), (60, 10, 100, 50), (200, 200, 240, 240)


def labelled(*boxes: tuple[float, ...], classes=None, crowd=None) -> LabelledBoxes:
    ids = np.zeros(len(boxes), dtype=int) if classes is None else np.array(classes)
    groups = None if crowd is None else np.array(crowd, dtype=bool)
    return LabelledBoxes(np.array(boxes, dtype=float).reshape(-1, 4), ids, groups)


def detected(*rows: tuple[tuple[float, ...], float], classes=None) -> DetectedBoxes:
    boxes = np.array([box for box, _ in rows], dtype=float).reshape(-1, 4)
    ids = np.zeros(len(rows), dtype=int) if classes is None else np.array(classes)
    return DetectedBoxes(boxes, ids, np.array([score for _, score in rows], dtype=float))


def one(labels: LabelledBoxes, found: DetectedBoxes, classes: int = 1) -> AveragePrecision:
    return average_precision([labels], [found], classes)


def test_every_box_detected_is_one():
    perfect = one(labelled(BOX, OTHER), detected((BOX, 0.9), (OTHER, 0.2)))
    assert (perfect.value, perfect.at_half) == (pytest.approx(1), pytest.approx(1))


def test_a_surer_false_positive_halves_the_precision_of_every_recall():
    # Ranked: miss, hit. Precision 1/2 at every recall.
    ap = one(labelled(BOX), detected((FAR, 0.9), (BOX, 0.8)))
    assert (ap.value, ap.at_half) == (pytest.approx(0.5), pytest.approx(0.5))


def test_a_false_positive_below_the_last_hit_costs_nothing():
    assert one(labelled(BOX), detected((BOX, 0.9), (FAR, 0.8))).value == pytest.approx(1)


def test_a_missed_box_leaves_the_higher_recalls_without_precision():
    # Recall reaches 1/2: of the recalls 0, .01, ..., 1 the first 51 have precision 1.
    ap = one(labelled(BOX, OTHER), detected((BOX, 0.9)))
    assert ap.value == pytest.approx(51 / 101)


def test_hit_miss_hit_is_worked_out_by_hand():
    # Precision 1, 1/2, 2/3 at recalls 1/2, 1/2, 1: 51 recalls at 1 and 50 at 2/3.
    ap = one(labelled(BOX, OTHER), detected((BOX, 0.9), (FAR, 0.8), (OTHER, 0.7)))
    assert ap.at_half == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_an_iou_of_just_a_half_matches_at_a_half_alone():
    # The right half of the box: 800 of 1600 pixels, IoU .5; one of ten thresholds.
    ap = one(labelled(BOX), detected(((30, 10, 50, 50), 0.9)))
    assert ap.at_half == pytest.approx(1)
    assert ap.value == pytest.approx(0.1)
    less = one(labelled(BOX), detected(((30.01, 10, 50, 50), 0.9)))
    assert (less.value, less.at_half) == (0, 0)


def test_a_second_detection_of_one_object_is_false():
    # Two boxes at IoU .5 exactly with their detection; only one can have it.
    second = (30, 10, 50, 50)
    ap = one(labelled(BOX, second), detected((BOX, 0.9), (BOX, 0.8)))
    # At .5 the second detection takes the second box. Above, recall ends at 1/2.
    assert ap.at_half == pytest.approx(1)
    assert ap.value == pytest.approx((1 + 9 * 51 / 101) / 10)
    assert one(labelled(BOX, FAR), detected((BOX, 0.9), (BOX, 0.8))).at_half == pytest.approx(
        51 / 101
    )


def test_what_is_detected_in_a_crowd_counts_neither_way():
    crowd = labelled(BOX, FAR, crowd=[False, True])
    inside = (200, 200, 210, 210)
    ap = one(crowd, detected((inside, 0.9), (inside, 0.85), (BOX, 0.8)))
    assert ap.value == pytest.approx(1)
    # The same without the crowd: two false positives before the hit, precision 1/3.
    assert one(labelled(BOX), detected((inside, 0.9), (inside, 0.85), (BOX, 0.8))).value == (
        pytest.approx(1 / 3)
    )


def test_a_class_of_crowds_alone_has_no_ap():
    ap = one(labelled(BOX, FAR, classes=[0, 1], crowd=[0, 1]), detected((BOX, 0.9)), 2)
    assert ap.value == pytest.approx(1)
    assert np.isnan(ap.by_class[1])
    assert np.isnan(one(labelled(BOX, crowd=[1]), detected((BOX, 0.9))).value)


def test_an_image_without_objects_can_only_have_false_positives():
    empty, full = labelled(), labelled(BOX)
    clean = average_precision([empty, full], [detected(), detected((BOX, 0.5))], 1)
    assert clean.value == pytest.approx(1)
    noisy = average_precision([empty, full], [detected((BOX, 0.9)), detected((BOX, 0.5))], 1)
    assert noisy.value == pytest.approx(0.5)


def test_no_labels_have_no_ap_and_no_detections_have_none_of_it():
    assert np.isnan(one(labelled(), detected((BOX, 0.9))).value)
    assert np.isnan(average_precision([], [], 3).by_class).all()
    assert one(labelled(BOX), detected()).value == 0


def test_the_mean_is_over_classes_that_have_boxes():
    labels = labelled(BOX, OTHER, classes=[0, 2])
    ap = one(labels, detected((BOX, 0.9), (OTHER, 0.9), (FAR, 0.9), classes=[0, 0, 1]), 3)
    assert ap.by_class_at_half[[0, 2]] == pytest.approx([1, 0])
    assert np.isnan(ap.by_class_at_half[1])
    assert ap.at_half == pytest.approx(0.5)


def test_of_a_class_in_an_image_a_hundred_detections_count():
    false = [(FAR, 0.9)] * 100
    assert one(labelled(BOX), detected(*false, (BOX, 0.5))).value == 0
    assert one(labelled(BOX), detected(*false[1:], (BOX, 0.5))).value == pytest.approx(0.01)


def test_nothing_is_printed(capsys):
    one(labelled(BOX), detected((BOX, 0.9)))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("labels", "found", "message"),
    [
        ([labelled(BOX)], [], "labels of 1 images and detections in 0"),
        ([labelled(BOX, classes=[4])], [detected()], r"classes 4 to 4 in labels\[0\]"),
        ([labelled((9, 9, 1, 1))], [detected()], "left, top, right, bottom"),
        ([labelled()], [detected((BOX, np.nan))], r"scores \[nan\] in detections\[0\]"),
        ([labelled()], [detected(((0, 0, np.inf, 1), 1))], "must be finite"),
    ],
)
def test_what_cannot_be_compared_is_refused(labels, found, message):
    with pytest.raises(ValueError, match=message):
        average_precision(labels, found, 1)


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package")
    with pytest.raises(InputError, match=r"pip install 'taskspace\[detection\]'"):
        average_precision([], [], 1)


def overlap(detection: np.ndarray, label: np.ndarray, crowd: bool) -> float:
    """IoU; in a crowd, the share of the detection that lies in it."""
    sides = np.minimum(detection[2:], label[2:]) - np.maximum(detection[:2], label[:2])
    shared = float(np.prod(np.clip(sides, 0, None)))
    area, other = (float(np.prod(box[2:] - box[:2])) for box in (detection, label))
    whole = area if crowd else area + other - shared
    return shared / whole if whole else 0.0


def reference(labels, found, number: int, threshold: float) -> float:
    """AP of one class at one threshold, straight from its definition."""
    outcomes, positives = [], 0
    for label, each in zip(labels, found, strict=True):
        mine = label.classes == number
        boxes = label.boxes[mine]
        crowd = np.zeros(len(boxes), bool) if label.crowd is None else label.crowd[mine]
        positives += int((~crowd).sum())
        rows = np.flatnonzero(each.classes == number)
        rows = rows[np.argsort(-each.scores[rows], kind="stable")]
        free = list(np.flatnonzero(~crowd))
        for row in rows:
            ious = {i: overlap(each.boxes[row], boxes[i], False) for i in free}
            # Of equal overlaps, the later box.
            best = max(ious, key=lambda i: (ious[i], i), default=None)
            if best is not None and ious[best] >= threshold:
                free.remove(best)
                outcomes.append((each.scores[row], True))
            elif not any(
                overlap(each.boxes[row], boxes[i], True) >= threshold for i in np.flatnonzero(crowd)
            ):
                outcomes.append((each.scores[row], False))
    if not positives:
        return np.nan
    hits = np.array([hit for _, hit in sorted(outcomes, key=lambda each: -each[0])], dtype=float)
    recalls = hits.cumsum() / positives
    precisions = hits.cumsum() / np.arange(1, len(hits) + 1)
    return float(np.mean([precisions[recalls >= r].max(initial=0) for r in np.linspace(0, 1, 101)]))


boxes = st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 12)] * 2).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
classes = st.integers(0, 1)
images = st.lists(
    st.tuples(
        st.lists(st.tuples(boxes, classes, st.booleans()), max_size=4),
        st.lists(st.tuples(boxes, classes, st.integers(0, 5)), max_size=6),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=40)
@given(images)
def test_ap_is_what_its_definition_gives(drawn):
    labels = [
        labelled(
            *[box for box, _, _ in known],
            classes=np.array([number for _, number, _ in known], dtype=int),
            crowd=[group for _, _, group in known],
        )
        for known, _ in drawn
    ]
    found = [
        detected(
            *[(box, score) for box, _, score in rows],
            classes=np.array([number for _, number, _ in rows], dtype=int),
        )
        for _, rows in drawn
    ]
    ap = average_precision(labels, found, 2)
    expected = np.array([[reference(labels, found, k, t) for k in (0, 1)] for t in THRESHOLDS])
    assert ap.by_class == pytest.approx(expected.mean(axis=0), abs=1e-9, nan_ok=True)
    assert ap.by_class_at_half == pytest.approx(expected[0], abs=1e-9, nan_ok=True)
    if np.isfinite(expected).any():
        assert ap.value == pytest.approx(np.nanmean(expected), abs=1e-9)
