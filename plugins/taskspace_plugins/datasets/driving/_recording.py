"""Where a clip was recorded: the info file that BDD100K has beside each video."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from taskspace.layout.decoding import reason_of
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets.driving._scalabel import is_number
from taskspace_plugins.driving.changes import course_change, distance_degrees, distance_metres
from taskspace_plugins.driving.track import UNKNOWN, Fix, Track

FRAMES_A_SECOND = 5.0
"""Of the extracted frames of BDD100K."""

SPAN = 10
"""Frames from the first of a window to where its change ends: 2 s (Yan 2020, Sec. 4.2)."""

MILLISECONDS = 1000.0


@dataclass(frozen=True)
class Recording:
    """The track of a clip, in seconds since its first frame.

    Attributes:
        track: what its phone recorded.
        fault: why nothing is known of it; empty where it is.
    """

    track: Track
    fault: str = ""


@dataclass(frozen=True)
class Changes:
    """How a car moved in two seconds; NaN is missing.

    Attributes:
        angle: degrees in (-180, 180], clockwise positive.
        metres: straight-line distance.
        degrees: distance of the coordinates as they are.
    """

    angle: float
    metres: float
    degrees: float


UNKNOWN_CHANGES = Changes(math.nan, math.nan, math.nan)


def read_recording(path: Path) -> Recording:
    """Return the recording of an info file: `startTime`, `locations` with times in milliseconds.

    A clip whose file is missing or damaged has an empty track and says why.
    """
    nothing = Track.of([])
    try:
        content = json.loads(read_regular(path))
    except FileNotFoundError:
        return Recording(nothing, "it has no info file")
    except (OSError, ValueError, RecursionError) as error:
        return Recording(nothing, f"its info file cannot be read: {reason_of(error)}")
    info = content if isinstance(content, dict) else {}
    start = _number(info.get("startTime"))
    if math.isnan(start):
        return Recording(nothing, "its info file has no `startTime`")
    listed = info.get("locations")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    if not rows:
        return Recording(nothing, "it was recorded without GPS")
    track = Track.of([_fix(row, start) for row in rows])
    if not np.isfinite(track.position).all(axis=1).any():
        return Recording(nothing, "none of its GPS positions is valid")
    return Recording(track)


def changes(recording: Recording, first: int) -> Changes:
    """Return how the car moved from frame `first`, counted from 0, to `SPAN` frames later."""
    times = np.array([first, first + SPAN]) / FRAMES_A_SECOND
    motion = recording.track.at(times)
    start, end = motion.position
    return Changes(
        float(course_change(*motion.course)),
        float(distance_metres(start, end)),
        float(distance_degrees(start, end)),
    )


def _fix(row: dict[str, Any], start: float) -> Fix:
    place = (_number(row.get(name)) for name in ("latitude", "longitude"))
    motion = (_number(row.get(name, UNKNOWN)) for name in ("course", "speed"))
    return Fix((_number(row.get("timestamp")) - start) / MILLISECONDS, *place, *motion)


def _number(value: Any) -> float:
    """Return a number of a file; NaN where it is none."""
    return float(value) if is_number(value) else math.nan
