"""Fields of maps and masks: a file for each image."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from taskspace.components import Field, Finding
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.folders._pixels import UNREADABLE
from taskspace_plugins.datasets.folders.dense._label_arrays import proportional


@dataclass(frozen=True)
class DenseLabels(ABC):
    """A field with a file for each image.

    Attributes:
        folder: of the files.
        files: one for each image; None is a missing label.
    """

    folder: Path
    files: Sequence[Path | None]

    @property
    def axes(self) -> str:
        """Return what the axes of an array are."""
        return "[H, W]"

    @abstractmethod
    def field(self, size: int) -> Field:
        """Return what the field holds when images are of `size` pixels a side."""

    @abstractmethod
    def says(self) -> str:
        """Return what decides the labels beside the bytes of the files."""

    @abstractmethod
    def decoded(self, path: Path, size: int) -> np.ndarray:
        """Return the label in a file, of `size` pixels a side; raises one of `UNREADABLE`."""

    @abstractmethod
    def checked(self, data: bytes, suffix: str) -> tuple[int, int]:
        """Return height and width of a file that can be used; raises one of `UNREADABLE`."""

    @abstractmethod
    def findings(self, name: str) -> Sequence[Finding]:
        """Return what is unusual about the labels of the field `name`.

        Raises:
            DataError: if a file cannot be read.
        """

    @abstractmethod
    def blank(self, count: int, size: int) -> np.ndarray:
        """Return `count` missing labels [count, ...]."""

    def digest(self, sizes: Sequence[tuple[int, int]]) -> str:
        """Return a hash of all files.

        Args:
            sizes: height and width of each image; a label has the same proportions.

        Raises:
            DataError: names up to ten of the files that cannot be used.
        """
        found = hashlib.sha256(self.says().encode("utf-8", "surrogateescape"))
        wrong: list[Wrong] = []
        for path, image in zip(self.files, sizes, strict=True):
            if path is None:
                found.update(b"\nmissing")
                continue
            try:
                data = read_regular(path)
                size = self.checked(data, path.suffix.lower())
                if not proportional(size, image):
                    axes = f", read as {self.axes}" if path.suffix.lower() == ".npy" else ""
                    raise ValueError(f"{_by(size)} pixels for an image of {_by(image)}{axes}")
            except UNREADABLE as error:
                wrong.append((self.name_of(path), error))
            else:
                found.update(hashlib.sha256(data).digest())
        self.refuse(wrong)
        return found.hexdigest()

    def read(self, rows: np.ndarray, size: int) -> np.ndarray:
        """Return the labels of some images [B, ...].

        Raises:
            DataError: names up to ten of the files among these that cannot be used.
        """
        labels = self.blank(len(rows), size)
        wrong: list[Wrong] = []
        for place, row in enumerate(rows):
            path = self.files[row]
            if path is None:
                continue
            try:
                labels[place] = self.decoded(path, size)
            except UNREADABLE as error:
                wrong.append((self.name_of(path), error))
        self.refuse(wrong)
        return labels

    def name_of(self, path: Path) -> str:
        """Return a file as the user writes it."""
        return path.relative_to(self.folder).as_posix()

    def refuse(self, wrong: Sequence[Wrong]) -> None:
        """Raise an error that names the wrong files, where there are any."""
        refuse_files(self.folder, wrong, "cannot be used")


def _by(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
