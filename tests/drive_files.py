"""A folder of drives in the layout of BDD100K, with all that can be wrong with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 36
START = 1_500_000_000_000
"""Milliseconds; BDD100K counts from 1970."""

NORTH, EAST = 1 / 111_000, 1 / 80_000
"""Degrees a metre, roughly; what a test compares is worked out from the degrees."""


def label(category: str, *box: float, **more: Any) -> dict[str, Any]:
    sides = dict(zip(("x1", "y1", "x2", "y2"), box, strict=True)) if box else None
    return {"id": "0", "category": category} | ({"box2d": sides} if sides else {}) | more


LABELS = {
    "train": [
        {
            "name": "drive-a.jpg",
            "labels": [
                label("car", 8, 9, 24, 18),
                label("person", 40, 9, 44, 27, attributes={"crowd": True}),
                label("traffic light", -4, 30, 6, 40),
                label("bus", 70, 10, 90, 20),
                label("truck", 20, 10, 20, 30),
                label("trailer", 0, 0, 32, 18),
                label("drivable area", 1, 1, 9, 9),
                label("rider", box2d={"x1": 1, "y1": 1, "x2": 9}),
                label("train", poly2d=[{"vertices": [[10, 4], [30.5, 2], [20, 12]]}]),
            ],
        },
        {"name": "drive-b.jpg", "labels": None},
        {"name": "nowhere.jpg", "labels": [label("car", 1, 1, 9, 9)]},
        {"name": "drive-b.jpg", "labels": [label("car", 1, 1, 9, 9)]},
    ],
    "val": [{"name": "drive-d.jpg", "labels": [label("bike", 0, 0, 64, 36)]}],
}


def frame(path: Path, level: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def clip(root: Path, part: str, video: str, frames: int, *missing: int) -> None:
    """Write frames 1, 2, ... whose grey level is their number."""
    for number in range(1, frames + 1):
        if number not in missing:
            frame(root / "images" / "track" / part / video / f"{video}-{number:07d}.jpg", number)


def fixes(seconds: int, course: float, turn: float, metres: float) -> list[dict[str, float]]:
    """Locations of a drive northwards, one a second: `turn` degrees and `metres` each."""
    return [
        {
            "timestamp": START + 1000 * second,
            "latitude": 40 + second * metres * NORTH,
            "longitude": -120.0,
            "course": (course + turn * second) % 360,
            "speed": metres,
        }
        for second in range(seconds)
    ]


def info(root: Path, part: str, video: str, locations: list[dict[str, float]] | None) -> None:
    path = root / "info" / "100k" / part / f"{video}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"startTime": START, "locations": locations}))


def write_drives(root: Path, clips_root: Path | None = None) -> Path:
    """Write labelled frames, clips and recordings; return `root`.

    drive-a is labelled and has a clip; drive-b is labelled with nothing, drive-c not at all;
    drive-e lacks a frame, drive-f has no info file, drive-g no GPS.
    """
    clips = clips_root or root
    for part, frames in LABELS.items():
        path = root / "labels" / "det_20" / f"det_{part}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(frames))
    for level, name in ((50, "train/drive-a"), (60, "train/drive-b"), (70, "train/drive-c")):
        frame(root / "images" / "100k" / f"{name}.jpg", level)
    frame(root / "images" / "100k" / "val" / "drive-d.jpg", 80)
    clip(clips, "train", "drive-a", 60)
    info(clips, "train", "drive-a", fixes(14, 350, 4, 10))
    clip(clips, "train", "drive-e", 30, 14)
    info(clips, "train", "drive-e", fixes(8, 10, -8, 2))
    clip(clips, "train", "drive-f", 10)
    clip(clips, "val", "drive-g", 10)
    info(clips, "val", "drive-g", None)
    return root
