"""Driving video with boxes and GPS, in the layout of BDD100K."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pydantic
from PIL import Image

from taskspace.components import Dataset, Field, Finding, JobPath, Sample
from taskspace.layout.decoding import decoded_picture
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.driving._clips import PARTS, SHOWN
from taskspace_plugins.datasets.driving._drive_fields import (
    BOXES,
    MOTION,
    box_fields,
    motion_fields,
)
from taskspace_plugins.datasets.driving._drive_findings import drive_findings
from taskspace_plugins.datasets.driving._samples import DriveIndex, DriveSample
from taskspace_plugins.datasets.folders._pixels import UNREADABLE

if TYPE_CHECKING:
    import torch


class Bdd100k(Dataset):
    """Frames with boxes, and clips with the motion of the car, in the layout of BDD100K.

    Labelled frames lie in `images/100k/PART`, their labels in `labels/det_20/det_PART.json`
    (Scalabel). Clips lie in `images/track`, a folder of frames a video, VIDEO-0000001.jpg first, 5
    a second, as BDD100K has them and as videos are cut up by hand; `info/100k/PART/VIDEO.json` has
    the GPS of each. A sample is a labelled frame, or the first frame of a window of a clip; what it
    lacks (boxes, motion) is missing. Splits never divide a video. Source: Yu et al. 2020,
    https://doc.bdd100k.com.

    `boxes` are left, top, right and bottom in pixels of the resized image. `clip` has the frames n,
    n+3, n+6 and n+9; `angle_change` (degrees, clockwise), `distance_change` (metres) and
    `distance_degrees` span n to n+10, two seconds (Yan 2020, Sec. 4.2).
    """

    name: ClassVar[str] = "bdd100k"

    root: JobPath = pydantic.Field(
        description="The folder that holds `images/100k` and `labels/det_20`."
    )
    clips_root: JobPath | None = pydantic.Field(
        None,
        description="The folder that holds `images/track` and `info/100k`; by default `root`.",
    )
    part: Literal["train", "val", "test"] | None = pydantic.Field(
        None, description="Which part is read; by default all that are there."
    )
    size: tuple[int, int] = pydantic.Field(
        (180, 320),
        description="Height and width to which every frame is scaled, whatever its proportions; "
        "those of BDD100K are 720x1280.",
    )
    every: int = pydantic.Field(
        10, ge=1, description="Frames between the starts of two windows of a clip."
    )

    @pydantic.field_validator("size")
    @classmethod
    def _has_pixels(cls, size: tuple[int, int]) -> tuple[int, int]:
        if not all(2 <= side <= 2048 for side in size):
            raise ValueError("height and width have to be between 2 and 2048")
        return size

    @cached_property
    def _index(self) -> DriveIndex:
        parts = PARTS if self.part is None else (self.part,)
        return DriveIndex(self.root, self.clips_root or self.root, parts, self.every)

    @property
    def _samples(self) -> list[DriveSample]:
        return self._index.samples

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"bdd100k 1 {self.size}".encode())
        hashes: dict[Path, bytes] = {}
        wrong: list[Wrong] = []
        for sample in self._samples:
            facts = sample.part, sample.video, sample.first, sample.frame, astuple(sample.moved)
            digest.update(f"\n{facts}\n".encode("utf-8", "surrogateescape"))
            for path in (sample.image, *(sample.window or ())):
                try:
                    if path not in hashes:
                        hashes[path] = hashlib.sha256(read_regular(path)).digest()
                except OSError as error:
                    wrong.append((path.name, error))
                else:
                    digest.update(hashes[path])
        refuse_files(self.root, wrong, "cannot be read")
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of all frames that are read, of boxes, motion and parameters.

        Raises:
            DataError: if there are no samples, or labels or frames cannot be read.
        """
        return self._fingerprint

    def fields(self) -> Mapping[str, Field]:
        """Return `image`, with labels those of boxes, with clips those of motion."""
        fields = {"image": Field((3, *self.size), description="The frame, resized.")}
        if self._index.labels_files:
            counts = (len(each.frame.boxes) for each in self._samples if each.frame is not None)
            most = max(counts, default=0) or 1
            fields |= box_fields(most)
        if self._index.clips:
            fields |= motion_fields(self.size)
        return fields

    def length(self) -> int:
        """Return the number of labelled frames and windows."""
        return len(self._samples)

    def groups(self) -> Sequence[str]:
        """Return the video of each sample."""
        return [sample.video for sample in self._samples]

    def parts(self) -> Sequence[str] | None:
        """Return the part of each sample; None where the folder of a clip says none.

        The labels of BDD100K's test part are not published, so that `val` tests: it is called
        `test` where no frame of that part is labelled, and those frames are `unlabelled`.
        """
        parts = [sample.part for sample in self._samples]
        if not all(parts):
            return None
        if any(each.frame is not None for each in self._samples if each.part == "test"):
            return parts
        names = {"val": "test", "test": "unlabelled"}
        return [names.get(part, part) for part in parts]

    def findings(self) -> Sequence[Finding]:
        """Return what of frames, labels and recordings is not used as it stands.

        Raises:
            DataError: as `fingerprint` does.
        """
        return tuple(drive_findings(self._index))

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return samples; a clip that is missing is black, and so are its labels of motion NaN.

        Raises:
            DataError: names up to ten frames that cannot be decoded.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        declared = self.fields()
        wanted = set(declared if fields is None else fields)
        chosen = [self._samples[row] for row in np.asarray(indices, dtype=np.int64)]
        sample: dict[str, torch.Tensor] = {}
        if "image" in wanted:
            images = self._pixels([(each.image,) for each in chosen], 1)
            sample["image"] = torch.from_numpy(images[:, 0]).float().div_(255)
        if "clip" in wanted:
            clips = self._pixels([each.window or () for each in chosen], len(SHOWN))
            sample["clip"] = torch.from_numpy(clips).float().div_(255)
        if wanted & set(BOXES):
            boxes = self._boxes(chosen, declared["boxes"].shape[0])
            sample |= {
                name: torch.from_numpy(values) for name, values in boxes.items() if name in wanted
            }
        for place, name in enumerate(MOTION):
            if name in wanted:
                values = [astuple(each.moved)[place] for each in chosen]
                sample[name] = torch.tensor(values, dtype=torch.float32)
        return sample

    def _pixels(self, files: Sequence[Sequence[Path]], most: int) -> np.ndarray:
        """Return pixels uint8 [B, most, 3, height, width], black where there is no file."""
        height, width = self.size
        pixels = np.zeros((len(files), most, 3, height, width), dtype=np.uint8)
        wrong: list[Wrong] = []
        for row, paths in enumerate(files):
            for place, path in enumerate(paths):
                try:
                    with decoded_picture(read_regular(path)) as picture:
                        image = picture.convert("RGB").resize(
                            (width, height), Image.Resampling.BILINEAR
                        )
                except UNREADABLE as error:
                    wrong.append((path.name, error))
                else:
                    pixels[row, place] = np.asarray(image).transpose(2, 0, 1)
        refuse_files(self.root, wrong, "cannot be read as images")
        return pixels

    def _boxes(self, chosen: Sequence[DriveSample], most: int) -> dict[str, np.ndarray]:
        """Return what `fields` says of boxes, in pixels of the resized frames."""
        boxes = np.full((len(chosen), most, 4), np.nan, dtype=np.float32)
        classes = np.full((len(chosen), most), -1, dtype=np.int64)
        crowd = classes.copy()
        count = np.full(len(chosen), np.nan, dtype=np.float32)
        height, width = self.size
        for row, sample in enumerate(chosen):
            if sample.frame is None:
                continue
            count[row] = len(sample.frame.boxes)
            across, down = width / sample.frame.width, height / sample.frame.height
            for place, box in enumerate(sample.frame.boxes):
                boxes[row, place] = np.multiply(box[:4], (across, down, across, down))
                classes[row, place], crowd[row, place] = box.category, box.crowd
        return dict(zip(BOXES, (boxes, classes, crowd, count), strict=True))
