"""Clips as folders of frames, and the windows of a clip that a task sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taskspace.errors import DataError
from taskspace.layout.decoding import reason_of

SHOWN = (0, 3, 6, 9)
"""Which frames of a window a network sees, counted from its first (Yan 2020, Sec. 4.2)."""

FRAME = re.compile(r"-(\d+)\.(?:jpg|jpeg|png)", re.IGNORECASE)
"""How the name of a frame goes on after that of its video: VIDEO-0000001.jpg is frame 0."""

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png"})


@dataclass(frozen=True)
class Clip:
    """The frames of a video that are there.

    Attributes:
        video: its name.
        part: the folder that it lies in (train, val); empty where it lies in none.
        frames: number, counted from 0, to file.
    """

    video: str
    part: str
    frames: Mapping[int, Path] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """Return the numbers of the frames that are not there, up to the last that is."""
        return [
            number for number in range(max(self.frames, default=-1)) if number not in self.frames
        ]

    def window(self, first: int) -> tuple[Path, ...] | None:
        """Return the frames that a network sees of a window; None where one is not there."""
        files = [self.frames.get(first + step) for step in SHOWN]
        return tuple(file for file in files if file is not None) if all(files) else None

    def starts(self, every: int) -> Iterator[int]:
        """Yield where windows, `every` frames apart, start that end within the clip."""
        yield from range(0, max(self.frames, default=-1) - SHOWN[-1] + 1, every)


PARTS = ("train", "val", "test")
"""Of BDD100K."""


def list_clips(folder: Path, parts: Sequence[str]) -> tuple[list[Clip], list[Path]]:
    """Return the clips below a folder by name, and the files there that are no frame of one.

    Args:
        folder: holds a folder a video, or a folder a part with those.
        parts: which folders are parts.

    Raises:
        DataError: if a folder cannot be listed.
    """
    clips: list[Clip] = []
    others: list[Path] = []
    for part in ("", *parts):
        place = folder / part
        for entry in entries(place) if place.is_dir() else ():
            if not entry.is_dir():
                others.append(entry)
            elif part or entry.name not in PARTS:
                clips.append(_clip(entry, part, others))
    return sorted(clips, key=lambda clip: (clip.part, clip.video)), others


def _clip(folder: Path, part: str, others: list[Path]) -> Clip:
    frames: dict[int, Path] = {}
    for file in entries(folder):
        name = file.name
        match = FRAME.fullmatch(name[len(folder.name) :]) if name.startswith(folder.name) else None
        number = int(match[1]) - 1 if match else -1
        if number < 0 or number in frames:
            others.append(file)
        else:
            frames[number] = file
    return Clip(folder.name, part, frames)


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, by name, without hidden files.

    Raises:
        DataError: if it cannot be listed.
    """
    try:
        return sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"The folder cannot be listed: {reason_of(error)}.",
            where=str(folder),
            advice="Check that it is there and may be read.",
        ) from error
