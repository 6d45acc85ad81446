"""How well boxes are detected: AP as COCO defines it, computed by COCO's own code."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from taskspace.errors import InputError

PACKAGE = "pycocotools"

MOST_DETECTIONS = 100
"""Of a class in an image, those with the highest scores; the others do not count."""


@dataclass(frozen=True)
class LabelledBoxes:
    """The labels of one image.

    Attributes:
        boxes: left, top, right and bottom in pixels, [n, 4].
        classes: class ids, [n].
        crowd: bool [n], boxes around a group of objects; what is detected in them counts neither
            for nor against. None where there are none.
    """

    boxes: np.ndarray
    classes: np.ndarray
    crowd: np.ndarray | None = None


@dataclass(frozen=True)
class DetectedBoxes:
    """What a network says of one image.

    Attributes:
        boxes: left, top, right and bottom in pixels, [n, 4].
        classes: class ids, [n].
        scores: the higher, the surer, [n].
    """

    boxes: np.ndarray
    classes: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class AveragePrecision:
    """AP in [0, 1], the mean over the classes that have boxes; NaN where none has.

    Attributes:
        value: the mean over the IoU thresholds .5, .55, ..., .95: COCO's AP.
        at_half: at an IoU of .5.
        by_class: `value` of each class; NaN where the class has no box, [classes].
        by_class_at_half: `at_half` of each class, [classes].
    """

    value: float
    at_half: float
    by_class: np.ndarray
    by_class_at_half: np.ndarray


def missing_package() -> str | None:
    """Return how to install what AP needs; None where it is there."""
    if find_spec(PACKAGE) is not None:
        return None
    return f"{PACKAGE} is not installed: pip install 'taskspace[detection]'."


def average_precision(
    labels: Sequence[LabelledBoxes], detections: Sequence[DetectedBoxes], classes: int
) -> AveragePrecision:
    """Return the AP of detections in some images (Lin et al. 2014; evaluation of COCO, 2017).

    A class's AP is the mean precision at the recalls 0, .01, ..., 1, where the precision at a
    recall is the highest at this or a higher one. Detections of a class are matched in the order of
    their scores, of equal ones the first image's first; an IoU of just the threshold matches.

    Args:
        labels: of each image.
        detections: in the same images, in the same order.
        classes: how many there are.

    Raises:
        InputError: if `pycocotools` is not installed.
        ValueError: if lengths or shapes do not agree, a box is upside down, or a box or score is
            not finite.
    """
    if (reason := missing_package()) is not None:
        raise InputError("AP cannot be computed.", where="average_precision", advice=reason)
    if len(labels) != len(detections):
        raise ValueError(
            f"Found labels of {len(labels)} images and detections in {len(detections)}; both must "
            "be of the same images."
        )
    for number, (label, detected) in enumerate(zip(labels, detections, strict=True)):
        _check(f"labels[{number}]", label.boxes, label.classes, classes)
        _check(f"detections[{number}]", detected.boxes, detected.classes, classes)
        if not (len(detected.scores) == len(detected.boxes) and np.isfinite(detected.scores).all()):
            raise ValueError(
                f"Found the scores {detected.scores} in detections[{number}]; each of its "
                f"{len(detected.boxes)} boxes must have a finite one."
            )
    precision = _precision(labels, detections, classes)
    if precision is None:
        none = np.full(classes, np.nan)
        return AveragePrecision(np.nan, np.nan, none, none.copy())
    by_class = precision.mean(axis=(0, 1))
    at_half = precision[0].mean(axis=0)
    counted = ~np.isnan(by_class)
    return AveragePrecision(
        float(by_class[counted].mean()), float(at_half[counted].mean()), by_class, at_half
    )


def _check(what: str, boxes: np.ndarray, ids: np.ndarray, classes: int) -> None:
    if boxes.shape != (len(ids), 4) or not np.isfinite(boxes).all():
        raise ValueError(
            f"Found boxes of shape {boxes.shape} and {len(ids)} classes in {what}; boxes must be "
            "finite, [n, 4], with a class each."
        )
    if (boxes[:, 2:] < boxes[:, :2]).any():
        row = int((boxes[:, 2:] < boxes[:, :2]).any(axis=1).argmax())
        raise ValueError(
            f"Found the box {boxes[row].tolist()} in {what}; its order is left, top, right, bottom."
        )
    if len(ids) and not (ids.min() >= 0 and ids.max() < classes):
        raise ValueError(
            f"Found the classes {ids.min()} to {ids.max()} in {what}, with {classes} classes."
        )


def _precision(
    labels: Sequence[LabelledBoxes], detections: Sequence[DetectedBoxes], classes: int
) -> np.ndarray | None:
    """Return precision [thresholds, recalls, classes], NaN where a class has no box to detect."""
    known = [row for number, label in enumerate(labels) for row in _label_rows(number, label)]
    if all(row["iscrowd"] for row in known):
        return None
    found = [row for number, each in enumerate(detections) for row in _detected_rows(number, each)]
    # It prints its progress.
    with contextlib.redirect_stdout(io.StringIO()):
        from pycocotools.coco import COCO  # noqa: PLC0415  (an extra)
        from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

        evaluation = COCOeval(
            _indexed(COCO(), known, len(labels), classes),
            _indexed(COCO(), found, len(labels), classes),
            "bbox",
        )
        settings = evaluation.params
        settings.maxDets = [MOST_DETECTIONS]
        settings.areaRng, settings.areaRngLbl = [[0, np.inf]], ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = np.array(evaluation.eval["precision"][..., 0, 0])
    return np.where(precision < 0, np.nan, precision)


def _indexed(store: Any, rows: list[dict[str, Any]], images: int, classes: int) -> Any:
    """Return COCO's index of labels or detections."""
    # 0 stands for "not matched" in its tables, so ids start at 1.
    numbered = [{**row, "id": place} for place, row in enumerate(rows, start=1)]
    store.dataset = {
        "images": [{"id": number} for number in range(images)],
        "categories": [{"id": number} for number in range(classes)],
        "annotations": numbered,
    }
    store.createIndex()
    return store


def _label_rows(image: int, label: LabelledBoxes) -> Iterator[dict[str, Any]]:
    crowd = np.zeros(len(label.boxes), dtype=bool) if label.crowd is None else label.crowd
    for box, number, group in zip(label.boxes, label.classes, crowd, strict=True):
        yield _row(image, box, number) | {"iscrowd": int(group)}


def _detected_rows(image: int, detected: DetectedBoxes) -> Iterator[dict[str, Any]]:
    for box, number, score in zip(detected.boxes, detected.classes, detected.scores, strict=True):
        yield _row(image, box, number) | {"score": float(score), "iscrowd": 0}


def _row(image: int, box: np.ndarray, number: int) -> dict[str, Any]:
    left, top, right, bottom = map(float, box)
    width, height = right - left, bottom - top
    return {
        "image_id": image,
        "category_id": int(number),
        "bbox": [left, top, width, height],
        "area": width * height,
    }
