"""Drives as files in the layout of BDD100K, as `bdd100k` reads it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from taskspace.errors import InputError
from taskspace.layout import codes
from taskspace.whole_file import write_whole
from taskspace_plugins.datasets.driving._scalabel import CATEGORIES
from taskspace_plugins.datasets.driving.drive import Drive, clip_name, coordinates
from taskspace_rooms.driving.chunk import (
    SHOWN,
    STEP,
    cropped,
    frame_seconds,
    seconds_of,
)
from taskspace_rooms.driving.journey import Condition

START = 1_500_000_000_000
"""Milliseconds since 1970 at which every clip begins."""

HIDDEN = 0.1
"""An object of whose pixels a larger share is hidden is `occluded`."""

ATTRIBUTES: Mapping[Condition, tuple[str, str]] = {
    "day": ("clear", "daytime"),
    "dusk": ("clear", "dawn/dusk"),
    "fog": ("foggy", "daytime"),
}
"""Weather and time of day, in the words of BDD100K."""

Ending = Literal["png", "jpg"]


def write_drive(
    dataset: Drive,
    folder: Path,
    parts: Mapping[str, Sequence[int]] | None = None,
    *,
    ending: Ending = "png",
    fixes_a_second: float = 1.0,
) -> None:
    """Write clips of a dataset: labelled frames, all frames at 5 a second, and the GPS.

    images/100k/PART/VIDEO-0000001.png are the frames at which windows start, with their boxes in
    labels/det_20/det_PART.json; images/track/PART/VIDEO holds every frame up to the last that a
    window shows, info/100k/PART/VIDEO.json the way. A box is `occluded` where more than `HIDDEN` of
    the pixels that its object would show alone are hidden, `truncated` where the object, alone,
    reaches the border of the image.

    Args:
        dataset: drives.
        folder: is made where it is not there.
        parts: which clips, by part (train, val, test); by default the last fifth is `val`.
        ending: of images; as `jpg` they are as small as those of BDD100K and not exact.
        fixes_a_second: of the GPS; a phone has 1, and courses in between are interpolated.

    Raises:
        InputError: if a clip is not in the dataset.
        DataError: if what is rendered cannot be kept.
        OSError: if a file cannot be written.
    """
    chosen = _default_parts(dataset) if parts is None else parts
    for part, clips in chosen.items():
        labels = []
        for clip in clips:
            if not 0 <= clip < dataset.clips:
                raise InputError(
                    f"There is no clip {clip}: there are {dataset.clips}, counted from 0.",
                    where=f"part {part}",
                    advice="Name clips of the dataset, or give it more `clips`.",
                )
            labels += _write_clip(dataset, folder, part, clip, ending)
            info = _info(dataset, clip, fixes_a_second)
            _write(folder / "info" / "100k" / part / f"{clip_name(clip)}.json", _json(info))
        _write(folder / "labels" / "det_20" / f"det_{part}.json", _json(labels))


def _default_parts(dataset: Drive) -> Mapping[str, Sequence[int]]:
    first = dataset.clips - dataset.clips // 5
    return {"train": range(first), "val": range(first, dataset.clips)}


def _write_clip(
    dataset: Drive, folder: Path, part: str, clip: int, ending: Ending
) -> list[dict[str, Any]]:
    """Write the frames of a clip; return the labels of those at which windows start."""
    video, windows = clip_name(clip), dataset.windows
    pixels = _pixels(dataset, clip)
    labels = []
    for number, frame in enumerate(pixels):
        name = f"{video}-{number + 1:07d}.{ending}"
        image = _image(frame, ending)
        _write(folder / "images" / "track" / part / video / name, image)
        window, rest = divmod(number, STEP)
        if rest == 0 and window < windows:
            _write(folder / "images" / "100k" / part / name, image)
            labels.append(_labels(dataset, clip, window, name))
    return labels


def _pixels(dataset: Drive, clip: int) -> np.ndarray:
    """Return all frames uint8 [F, 3, H, W] of a clip, from its first to the last that is shown."""
    rows = clip * dataset.windows + np.arange(dataset.windows)
    shown = codes.IMAGE.encode(dataset.read(rows, {"clip"})["clip"].numpy())
    pixels = np.empty((STEP * (dataset.windows + SHOWN - 2) + 1, *shown.shape[2:]), np.uint8)
    for window in range(dataset.windows):
        pixels[STEP * window :: STEP][:SHOWN] = shown[window]
    between = [number for number in range(len(pixels)) if number % STEP]
    times = [frame_seconds(number) for number in between]
    rendered = dataset.film_of(clip).render(times, max(dataset.size)).image.numpy()
    pixels[between] = codes.IMAGE.encode(cropped(rendered, dataset.size))
    return pixels


def _labels(dataset: Drive, clip: int, window: int, name: str) -> dict[str, Any]:
    """Return a frame in Scalabel's format."""
    fields = {"boxes", "box_class", "box_count", "instance"}
    sample = dataset.read([clip * dataset.windows + window], fields)
    count, mask = int(sample["box_count"]), sample["instance"][0, 0].numpy().astype(int)
    numbers = [
        number
        for number, pixels in enumerate(np.bincount(mask.ravel()))
        if number and pixels >= dataset.smallest
    ]
    time = frame_seconds(STEP * window)
    film = dataset.film_of(clip)
    alone = cropped(film.masks_alone(time, max(dataset.size)).numpy(), dataset.size)
    weather, daytime = ATTRIBUTES[film.journey.condition]
    boxes = sample["boxes"][0, :count].tolist()
    classes = sample["box_class"][0, :count].tolist()
    return {
        "name": name,
        "videoName": clip_name(clip),
        "frameIndex": STEP * window,
        "timestamp": round(1000 * time),
        "attributes": {"weather": weather, "timeofday": daytime, "scene": "city street"},
        "labels": [
            {
                "id": str(number),
                "category": CATEGORIES[category],
                "attributes": _attributes(mask == number, alone[number - 1]),
                "box2d": dict(zip(("x1", "y1", "x2", "y2"), box, strict=True)),
            }
            for number, category, box in zip(numbers, classes, boxes, strict=True)
        ],
    }


def _attributes(visible: np.ndarray, alone: np.ndarray) -> dict[str, bool]:
    border = (alone[0], alone[-1], alone[:, 0], alone[:, -1])
    return {
        "occluded": bool(visible.sum() < (1 - HIDDEN) * alone.sum()),
        "truncated": any(bool(side.any()) for side in border),
        "crowd": False,
    }


def _info(dataset: Drive, clip: int, fixes_a_second: float) -> dict[str, Any]:
    """Return the way of a clip as its phone would record it, until its last change has ended."""
    way = dataset.journey_of(clip)
    length = seconds_of(dataset.windows)
    times = np.arange(np.ceil(length * fixes_a_second - 1e-9) + 1) / fixes_a_second
    pose = way.trip.pose(times)
    place, speed = coordinates(way, pose), way.trip.pace.rate(times)
    course = np.rad2deg(pose[:, 2] + way.turned) % 360
    columns = {
        "timestamp": np.rint(START + 1000 * times),
        "latitude": place[:, 0],
        "longitude": place[:, 1],
        "course": course,
        "speed": speed,
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return {
        "startTime": START,
        "endTime": round(START + 1000 * length),
        "locations": [dict(zip(columns, row, strict=True)) for row in rows],
    }


def _image(frame: np.ndarray, ending: Ending) -> bytes:
    stream = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(frame.transpose(1, 2, 0)))
    if ending == "png":
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=95)
    return stream.getvalue()


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
