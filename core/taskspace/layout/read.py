"""Files in the official layout of Taskonomy, one at a time, as arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from taskspace.errors import DataError
from taskspace.layout.camera import camera_of, numbers_of
from taskspace.layout.codes import MISSING_SEGMENT
from taskspace.layout.decoding import decoded_picture, decoding, reason_of
from taskspace.layout.domains import CONTENTS, SEGMENTS, Domain
from taskspace.layout.npy import read_npy
from taskspace.regular_file import read_regular, regular_stream

MOST_SEGMENTS = 256
LISTED = 10
"""How many files an error names."""
BROKEN = (OSError, ValueError)
"""What reading a file raises that is not what its name says."""


def refused(root: Path, files: Sequence[tuple[Path, BaseException]]) -> DataError:
    """Return the error that names up to ten files below `root` with what is wrong with each."""
    reasons = [f"{path.relative_to(root).as_posix()} ({reason_of(error)})" for path, error in files]
    count = len(reasons)
    more = f"; and {count - LISTED} more" if count > LISTED else ""
    return DataError(
        f"{count} file{'s' if count > 1 else ''} cannot be used: "
        f"{'; '.join(reasons[:LISTED])}{more}.",
        where=str(root),
        advice="`tasks data check` lists all of them. Repair or remove what is named; `size` "
        "brings images of several sizes to one.",
    )


def picture_size(path: Path) -> tuple[int, int]:
    """Return height and width of a picture, from its header; raises one of `BROKEN`."""
    with regular_stream(path) as stream, decoding(), Image.open(stream) as image:
        return image.height, image.width


def read_map(
    path: Path, field: str, domain: Domain, side: tuple[int, int], fitted: bool
) -> np.ndarray:
    """Return the whole numbers of a picture [C, *side], or the segments of one [*side].

    Args:
        path: of the file.
        field: that the domain holds.
        domain: how it holds it.
        side: height and width.
        fitted: whether the largest centred square is resized to `side`: an image smoothly, what
            has labels by taking the nearest.

    Raises:
        One of `BROKEN`, where the file is no such picture or has another size.
    """
    with decoded_picture(read_regular(path)) as image:
        if image.mode not in domain.modes:
            raise ValueError(f"its mode is {image.mode}, not {' or '.join(domain.modes)}")
        if field == "image":
            colours = image.convert("RGB")
            if fitted:
                colours = ImageOps.fit(colours, side[::-1], Image.Resampling.BILINEAR)
            pixels = np.asarray(colours)
        else:
            pixels = np.asarray(image)
            pixels = _nearest(pixels, side[0]) if fitted else pixels
    if pixels.shape[:2] != side:
        found = " x ".join(map(str, pixels.shape[:2]))
        raise ValueError(f"it is {found} pixels and others are {side[0]} x {side[1]}")
    if field in SEGMENTS:
        return _segments(pixels)
    if field == "semantic":
        return pixels
    stacked = pixels[..., None] if pixels.ndim == 2 else pixels
    if stacked.min() < 0 or stacked.max() > 65535:
        raise ValueError("it has numbers that are not of 16 bits")
    return stacked[..., : domain.channels].transpose(2, 0, 1)


def read_stored(path: Path, domain: Domain) -> np.ndarray:
    """Return the numbers of a picture as they are stored; raises one of `BROKEN`."""
    with decoded_picture(read_regular(path)) as image:
        if image.mode not in domain.modes:
            raise ValueError(f"its mode is {image.mode}, not {' or '.join(domain.modes)}")
        return np.asarray(image)


def read_vector(path: Path) -> np.ndarray:
    """Return the probabilities of all classes [K].

    Raises:
        One of `BROKEN`, where they are none.
    """
    values = read_npy(read_regular(path)).reshape(-1)
    if values.dtype.kind not in "fiu" or not values.size:
        raise ValueError(f"it holds {values.size} values of type {values.dtype}, no probabilities")
    # In float16, as some are kept, a rounded probability may be a little above 1.
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1.01:
        raise ValueError("its numbers are not all between 0 and 1")
    return values


def read_class(path: Path, count: int) -> int:
    """Return the most likely of `count` classes; -1 where all are at 0."""
    values = read_vector(path)
    if len(values) != count:
        raise ValueError(f"it has {len(values)} classes and others have {count}")
    return int(values.argmax()) if values.any() else -1


def read_json(path: Path) -> Any:
    """Return what a file of JSON says; raises one of `BROKEN`."""
    data = read_regular(path)
    with decoding():
        return json.loads(data)


def read_classes(root: Path) -> dict[str, tuple[str, ...]]:
    """Return the names of classes that an export says of its fields; nothing where it is none.

    Raises:
        DataError: if they cannot be read.
    """
    path = root / CONTENTS
    if not path.exists():
        return {}
    try:
        with decoding():
            classes = read_json(path)["classes"]
            return {name: tuple(map(str, names)) for name, names in classes.items()}
    except BROKEN as error:
        raise refused(root, [(path, error)]) from error


def read_info(path: Path) -> dict[str, np.ndarray]:
    """Return `camera`, `room_layout` and `vanishing_points`; NaN where one is not said."""
    info = read_json(path)
    if not isinstance(info, dict):
        raise ValueError("it is no JSON object")
    with decoding():
        return {
            "camera": camera_of(info),
            "room_layout": numbers_of(info, "room_layout", 9),
            "vanishing_points": _vanishing_points(info),
        }


def read_matches(path: Path) -> list[tuple[int, int]]:
    """Return the views that see a point and look at another: (their point, view), sorted."""
    found = read_json(path)
    if not isinstance(found, list):
        raise ValueError("it is no JSON list")
    with decoding():
        return sorted({(int(match["point_uuid"]), int(match["view_id"])) for match in found})


def _vanishing_points(info: Mapping[str, Any]) -> np.ndarray:
    official = info.get("vanishing_points_gaussian_sphere")
    if "vanishing_points" in info or official is None:
        return numbers_of(info, "vanishing_points", 9)
    if not isinstance(official, dict) or not official.keys() >= {*"xyz"}:
        raise ValueError("'vanishing_points_gaussian_sphere' has no x, y and z")
    found = np.stack([numbers_of(official, axis, 3) for axis in "xyz"]).astype(np.float64)
    # The official ones are in the order of the building's axes, ours in that of the camera's.
    order = max(permutations(range(3)), key=lambda o: abs(found[list(o)]).trace())
    ordered = found[list(order)]
    signed = ordered * np.where(np.diag(ordered) < 0, -1, 1)[:, None]
    vector: np.ndarray = signed.astype(np.float32).reshape(9)
    return vector


def _segments(pixels: np.ndarray) -> np.ndarray:
    """Return segments [H, W], -1 for missing; colours are numbered by their order."""
    if pixels.ndim == 3:
        packed = pixels[..., :3].astype(np.int64) @ np.array([65536, 256, 1])
        pixels = np.unique(packed, return_inverse=True)[1].reshape(packed.shape)
    ids = pixels.astype(np.int64)
    ids = np.where(ids == MISSING_SEGMENT, -1, ids)
    if ids.max() >= MOST_SEGMENTS or ids.min() < -1:
        raise ValueError(f"it has segments beyond number {MOST_SEGMENTS - 1}")
    return ids


def _nearest(pixels: np.ndarray, size: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    square = min(height, width)
    at = ((np.arange(size) + 0.5) * square / size).astype(np.int64)
    rows, columns = at + (height - square) // 2, at + (width - square) // 2
    square_pixels: np.ndarray = pixels[rows[:, None], columns]
    return square_pixels
