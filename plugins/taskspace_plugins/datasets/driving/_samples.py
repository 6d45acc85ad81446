"""Which samples a folder of drives has: its labelled frames, and windows of its clips."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from taskspace.errors import DataError
from taskspace.layout.decoding import decoding
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.driving._clips import (
    FRAME,
    IMAGE_ENDINGS,
    Clip,
    entries,
    list_clips,
)
from taskspace_plugins.datasets.driving._recording import (
    UNKNOWN_CHANGES,
    Changes,
    Recording,
    changes,
    read_recording,
)
from taskspace_plugins.datasets.driving._scalabel import (
    FrameBox,
    FrameLabels,
    Unused,
    inside,
    read_labels_file,
)

NUMBERED = re.compile(f"(.+){FRAME.pattern}", FRAME.flags)
"""A frame's name with that of its video, VIDEO-0000001.jpg."""

LABELLED_FRAME = 50
"""Of a clip at 5 frames a second, the one at the tenth second: BDD100K labels that of each video.
"""


class LabelledFrame(NamedTuple):
    """Width and height of a frame in pixels, and its boxes."""

    width: int
    height: int
    boxes: tuple[FrameBox, ...]


class DriveSample(NamedTuple):
    """One sample.

    Attributes:
        part: train, val or test; empty where folders say none.
        video: the drive, which splits never divide.
        first: the number of the frame in its clip, counted from 0.
        image: the frame.
        frame: its boxes; None where it is not labelled.
        window: the frames that a task of motion sees; None where they are not there.
        moved: what happened in two seconds; missing where there is no window.
    """

    part: str
    video: str
    first: int
    image: Path
    frame: LabelledFrame | None
    window: tuple[Path, ...] | None
    moved: Changes


@dataclass(frozen=True)
class DriveIndex:
    """The samples below two folders, and what is not among them.

    Attributes:
        root: of labelled frames and their labels.
        clips_root: of clips and their info files.
        parts: which are read.
        every: frames between the windows of a clip.
    """

    root: Path
    clips_root: Path
    parts: Sequence[str]
    every: int
    unused: Unused = field(default_factory=Unused)
    without_image: list[str] = field(default_factory=list)
    without_labels: list[str] = field(default_factory=list)
    lost_windows: list[str] = field(default_factory=list)

    @cached_property
    def labels_files(self) -> dict[str, Path]:
        """Return the labels of each part that has some."""
        files = {part: self.root / "labels" / "det_20" / f"det_{part}.json" for part in self.parts}
        return {part: file for part, file in files.items() if file.exists()}

    @cached_property
    def _listing(self) -> tuple[list[Clip], list[Path]]:
        folder = self.clips_root / "images" / "track"
        if folder.is_dir():
            return list_clips(folder, self.parts)
        if self.clips_root != self.root:
            raise DataError(
                "There are no clips: it holds no folder images/track.",
                where=str(self.clips_root),
                advice="Correct `clips_root`, or leave it out if there are none.",
            )
        return [], []

    @property
    def clips(self) -> list[Clip]:
        """Return the clips, by part and name."""
        return self._listing[0]

    @property
    def others(self) -> list[Path]:
        """Return the files among clips that are no frame of one."""
        return self._listing[1]

    @cached_property
    def recordings(self) -> dict[tuple[str, str], Recording]:
        """Return what the phone recorded of each clip, by part and video."""
        folder = self.clips_root / "info" / "100k"
        return {
            (clip.part, clip.video): read_recording(folder / clip.part / f"{clip.video}.json")
            for clip in self.clips
        }

    @cached_property
    def samples(self) -> list[DriveSample]:
        """Return the labelled frames by part and name, then the windows of clips.

        A window that starts at a labelled frame belongs to that sample.

        Raises:
            DataError: if there is nothing, or labels or images of them cannot be read.
        """
        labelled = self._labelled()
        taken = {
            (clip.part, clip.video, each.first)
            for each in labelled
            if (clip := self._clip_of(each.part, each.video)) is not None
        }
        samples = labelled + [
            self._sample(clip.part, clip.video, first, clip.frames[first], None)
            for clip in self.clips
            for first in clip.starts(self.every)
            if (clip.part, clip.video, first) not in taken and self._is_whole(clip, first)
        ]
        if not samples:
            raise DataError(
                "There are neither frames in images/100k nor clips in images/track.",
                where=str(self.root),
                advice="Give the folder of BDD100K that holds `images` and `labels` as `root`, and "
                "that of the clips as `clips_root` if it is another one.",
            )
        return samples

    def _is_whole(self, clip: Clip, first: int) -> bool:
        if clip.window(first) is not None:
            return True
        self.lost_windows.append(f"{clip.video}, from frame {first + 1}")
        return False

    def _labelled(self) -> list[DriveSample]:
        samples: list[DriveSample] = []
        unreadable: list[Wrong] = []
        for part in self.parts:
            file = self.labels_files.get(part)
            labels = {} if file is None else read_labels_file(file, self.unused)
            folder = self.root / "images" / "100k" / part
            images = [
                path
                for path in (entries(folder) if folder.is_dir() else ())
                if path.suffix.lower() in IMAGE_ENDINGS
            ]
            names = {path.name for path in images}
            self.without_image.extend(f"{part}/{name}" for name in labels if name not in names)
            for path in images:
                known = labels.get(path.name)
                frame = None
                if known is None:
                    self.without_labels.append(f"{part}/{path.name}")
                else:
                    try:
                        width, height = _size(path)
                        boxes = inside(known, width, height, self.unused)
                        frame = LabelledFrame(width, height, boxes)
                    except (OSError, ValueError) as error:
                        unreadable.append((f"{part}/{path.name}", error))
                video, first = self._moment(part, path, known)
                samples.append(self._sample(part, video, first, path, frame))
        refuse_files(self.root, unreadable, "cannot be read as images")
        return samples

    def _moment(self, part: str, path: Path, labels: FrameLabels | None) -> tuple[str, int]:
        """Return the video of a frame and its number there.

        A frame that is called after its video, VIDEO-0000001.jpg, says it: the labels name the
        video, or there is a clip of it. Others are those of their video's tenth second.
        """
        match = NUMBERED.fullmatch(path.name)
        before = match[1] if match else ""
        video = labels.video if labels is not None else ""
        if not video and before and self._clip_of(part, before) is not None:
            video = before
        if match and before == video and int(match[2]) > 0:
            return video, int(match[2]) - 1
        return video or path.stem, LABELLED_FRAME

    @cached_property
    def _by_video(self) -> dict[tuple[str, str], Clip]:
        return {(clip.part, clip.video): clip for clip in self.clips}

    def _clip_of(self, part: str, video: str) -> Clip | None:
        return self._by_video.get((part, video)) or self._by_video.get(("", video))

    def _sample(
        self,
        part: str,
        video: str,
        first: int,
        image: Path,
        frame: LabelledFrame | None,
    ) -> DriveSample:
        clip = self._clip_of(part, video)
        window = None if clip is None else clip.window(first)
        moved = UNKNOWN_CHANGES
        if clip is not None and window is not None:
            moved = changes(self.recordings[clip.part, clip.video], first)
        return DriveSample(part, video, first, image, frame, window, moved)


def _size(path: Path) -> tuple[int, int]:
    """Return width and height of an image, as it is stored; raises OSError or ValueError."""
    with decoding(), Image.open(path) as image:
        return image.size
