"""Boxes of frames in Scalabel's format, as BDD100K publishes its detection labels."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from taskspace.errors import DataError
from taskspace.layout.decoding import reason_of
from taskspace.regular_file import read_regular

CATEGORIES = (
    "pedestrian",
    "rider",
    "car",
    "truck",
    "bus",
    "train",
    "motorcycle",
    "bicycle",
    "traffic light",
    "traffic sign",
)
"""Of det_20 (https://doc.bdd100k.com/format.html), in its order."""

RENAMED = {
    "person": "pedestrian",
    "bike": "bicycle",
    "motor": "motorcycle",
    "van": "car",
    "caravan": "car",
}
"""What older files call them."""

UNDECIDED = {"other person": "pedestrian", "other vehicle": "car", "trailer": "truck"}
"""Neither hit nor miss for a detector of these classes, as a crowd of them."""


class FrameBox(NamedTuple):
    """A box of a frame: left, top, right and bottom in pixels, a class id, whether it is a crowd.

    Coordinates are continuous: a frame reaches from 0 to its width and its height. `label` is the
    box's place among the labels of its frame.
    """

    left: float
    top: float
    right: float
    bottom: float
    category: int
    crowd: bool
    label: int


class FrameLabels(NamedTuple):
    """A labelled frame: its file's name, the video it is of (empty where unsaid), and its boxes."""

    name: str
    video: str
    boxes: tuple[FrameBox, ...]


@dataclass
class Unused:
    """What of the labels is not used as it stands, for findings.

    Attributes:
        unknown: labels by category that is none of `CATEGORIES`.
        undecided: labels by category of `UNDECIDED`.
        without_box: labels that have neither a box nor a polygon of finite numbers.
        no_area: boxes of no width or height.
        outside: boxes that lie outside of their frame.
        cut: boxes that reach beyond their frame and were cut off at its edge.
        polygons: labels whose box is the one around their polygon.
        repeated: names of frames that are labelled again; the first labels count.
    """

    unknown: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    without_box: list[str] = field(default_factory=list)
    no_area: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    polygons: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


def read_labels_file(path: Path, unused: Unused) -> dict[str, FrameLabels]:
    """Return the labelled frames of a file by name, in its order; boxes may reach anywhere.

    Args:
        path: a JSON list of frames, one frame, or an object with the list under `frames`.
        unused: what is not read is added to it.

    Raises:
        DataError: if it cannot be read or is no such file.
    """
    frames: dict[str, FrameLabels] = {}
    for number, frame in enumerate(_frames(path)):
        name = frame.get("name") if isinstance(frame, dict) else None
        labels = (frame.get("labels") or []) if isinstance(frame, dict) else None
        if not isinstance(name, str) or not isinstance(labels, list):
            raise DataError(
                f"Entry {number} has no `name`, or its `labels` are no list.",
                where=str(path),
                advice="Scalabel has a list of frames, each with a name and labels.",
            )
        if name in frames:
            unused.repeated.append(name)
            continue
        video = frame.get("videoName")
        boxes = tuple(_boxes(name, labels, unused))
        frames[name] = FrameLabels(name, video if isinstance(video, str) else "", boxes)
    return frames


def _frames(path: Path) -> list[Any]:
    try:
        content = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The labels cannot be read: {reason_of(error)}.",
            where=str(path),
            advice="Get the file anew from the dataset's site.",
        ) from error
    if isinstance(content, dict):
        content = content.get("frames", [content])
    if not isinstance(content, list):
        raise DataError(
            "It holds no list of frames.", where=str(path), advice="Give labels of Scalabel."
        )
    return content


def _boxes(frame: str, labels: list[Any], unused: Unused) -> Iterator[FrameBox]:
    for number, label in enumerate(labels):
        what = label if isinstance(label, dict) else {}
        category = str(what.get("category"))
        box = _sides(what.get("box2d"))
        if box is None and (box := _around(what.get("poly2d"))) is not None:
            unused.polygons.append(f"{frame}, label {number} ({category})")
        name = UNDECIDED.get(category, RENAMED.get(category, category))
        if name not in CATEGORIES:
            unused.unknown[category] += 1
        elif box is None:
            unused.without_box.append(f"{frame}, label {number} ({category})")
        else:
            attributes = what.get("attributes")
            crowd = isinstance(attributes, dict) and attributes.get("crowd") is True
            if category in UNDECIDED:
                unused.undecided[category] += 1
                crowd = True
            yield FrameBox(*box, CATEGORIES.index(name), crowd, number)


def _sides(box: Any) -> tuple[float, float, float, float] | None:
    """Return left, top, right and bottom of a `box2d`; None where one is no finite number."""
    if not isinstance(box, dict):
        return None
    sides: list[Any] = [box.get(side) for side in ("x1", "y1", "x2", "y2")]
    if not all(map(is_number, sides)):
        return None
    left, top, right, bottom = (float(side) for side in sides)
    return left, top, right, bottom


def _around(polygons: Any) -> tuple[float, float, float, float] | None:
    """Return the box around the vertices of a `poly2d`; control points of curves are among them."""
    parts = polygons if isinstance(polygons, list) else []
    points = [
        point
        for part in parts
        if isinstance(part, dict) and isinstance(part.get("vertices"), list)
        for point in part["vertices"]
    ]
    whole = all(
        isinstance(point, list) and len(point) == 2 and all(map(is_number, point))
        for point in points
    )
    if not points or not whole:
        return None
    across, down = zip(*points, strict=True)
    return float(min(across)), float(min(down)), float(max(across)), float(max(down))


def is_number(value: Any) -> bool:
    """Return whether a value of a file is a finite number; JSON has whole ones of any length."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def inside(labels: FrameLabels, width: int, height: int, unused: Unused) -> tuple[FrameBox, ...]:
    """Return the boxes of a frame as far as they lie in it; what has no area is left out.

    Args:
        labels: of the frame.
        width: of the frame in pixels.
        height: of the frame in pixels.
        unused: what is cut off or left out is added to it.
    """
    kept = []
    for box in labels.boxes:
        what = f"{labels.name}, label {box.label} ({CATEGORIES[box.category]})"
        if box.right <= box.left or box.bottom <= box.top:
            unused.no_area.append(what)
            continue
        left, top = max(box.left, 0.0), max(box.top, 0.0)
        right, bottom = min(box.right, float(width)), min(box.bottom, float(height))
        if right <= left or bottom <= top:
            unused.outside.append(what)
            continue
        if (left, top, right, bottom) != box[:4]:
            unused.cut.append(what)
        kept.append(FrameBox(left, top, right, bottom, *box[4:]))
    return tuple(kept)
