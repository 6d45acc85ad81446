"""A chunk of drives: the frames of eight clips, rendered, and what is visible in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np

from taskspace.layout import codes
from taskspace_rooms.cache import ArrayFile
from taskspace_rooms.driving.classes import MOST
from taskspace_rooms.driving.journey import Condition

GENERATOR = 2
"""Raised whenever the same seed gives other drives; independent of that of `rooms`."""
CHUNK = 8
"""Clips."""
FRAMES_A_SECOND = 5.0
STEP = 3
"""Frames from one that is shown to the next."""
SHOWN = 4
"""Frames of a window that are shown."""
SPAN = 10
"""Frames from the first of a window to where its change ends: 2 s (Yan 2020, Sec. 4.2)."""

FrameSet = Literal["starts", "ends"]
"""The frames at which windows start, and those after the last of them."""


@overload
def frame_seconds(frame: int) -> float: ...
@overload
def frame_seconds(frame: np.ndarray) -> np.ndarray: ...
def frame_seconds(frame: int | np.ndarray) -> float | np.ndarray:
    """Return when a frame is, seconds after the first of its clip."""
    return frame / FRAMES_A_SECOND


def seconds_of(windows: int) -> float:
    """Return how long a clip is: until the change of its last window ends."""
    return frame_seconds(STEP * (windows - 1) + SPAN)


def times_of(part: FrameSet, windows: int) -> list[float]:
    """Return the times of the frames of a part, seconds from the clip's first."""
    frames = range(windows) if part == "starts" else range(windows, windows + SHOWN - 1)
    return [frame_seconds(STEP * frame) for frame in frames]


def chunk_files(part: FrameSet, size: tuple[int, int], windows: int) -> dict[str, ArrayFile]:
    """Return what a part of a chunk consists of: rows are frames, clip by clip."""
    rows = CHUNK * len(times_of(part, windows))
    files = {"image": ArrayFile((rows, 3, *size), codes.IMAGE.dtype)}
    if part == "ends":
        return files
    return {
        **files,
        "instance": ArrayFile((rows, *size), "uint8"),
        "extent": ArrayFile((rows, MOST, 5), "int16"),
        "kind": ArrayFile((rows, MOST), "int8"),
    }


def render_part(
    chunk: int,
    part: FrameSet,
    size: tuple[int, int],
    windows: int,
    seed: int,
    conditions: Sequence[Condition],
) -> dict[str, np.ndarray]:
    """Return the arrays of a part of a chunk, as `chunk_files` declares them.

    `extent` has left, top, right, bottom and the number of visible pixels of each object, `kind`
    its index into `OBJECTS`, -1 where there is none.
    """
    from taskspace_rooms.driving.film import Film  # noqa: PLC0415  torch is for who renders, not for who lists

    times = times_of(part, windows)
    whole = {
        name: np.empty(file.shape, file.dtype)
        for name, file in chunk_files(part, size, windows).items()
    }
    for place in range(CHUNK):
        film = Film(chunk * CHUNK + place, seed, conditions, seconds_of(windows))
        frames = film.render(times, max(size))
        rows = slice(place * len(times), (place + 1) * len(times))
        whole["image"][rows] = codes.IMAGE.encode(cropped(frames.image.numpy(), size))
        if part == "starts":
            instance = cropped(frames.instance.numpy(), size)
            whole["instance"][rows] = instance
            whole["extent"][rows] = [extents(mask) for mask in instance]
            kinds = np.full(MOST, -1)
            kinds[: len(frames.kinds)] = frames.kinds
            whole["kind"][rows] = kinds
    return whole


def cropped(square: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the middle [..., height, width] of square images."""
    side = square.shape[-1]
    top, left = ((side - each) // 2 for each in size)
    return square[..., top : top + size[0], left : left + size[1]]


def extents(instance: np.ndarray) -> np.ndarray:
    """Return left, top, right, bottom and count of the pixels of objects 1, 2, ...: [MOST, 5].

    Coordinates are continuous: a pixel reaches from its number to the next.

    Args:
        instance: numbers of objects [H, W]; 0 is none.
    """
    rows, columns = instance.nonzero()
    number = instance[rows, columns] - 1
    table = np.zeros((MOST, 5), dtype=np.int64)
    table[:, :2] = max(instance.shape)
    np.minimum.at(table[:, 0], number, columns)
    np.minimum.at(table[:, 1], number, rows)
    np.maximum.at(table[:, 2], number, columns + 1)
    np.maximum.at(table[:, 3], number, rows + 1)
    np.add.at(table[:, 4], number, 1)
    table[table[:, 4] == 0] = 0
    return table
