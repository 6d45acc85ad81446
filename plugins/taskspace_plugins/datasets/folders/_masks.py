"""Fields of a class a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from taskspace.components import Field
from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong
from taskspace_plugins.datasets.folders._dense_labels import DenseLabels
from taskspace_plugins.datasets.folders._label_arrays import fit_ids, ids_of
from taskspace_plugins.datasets.folders._label_folders import CLASSES, MaskFolder, class_names
from taskspace_plugins.datasets.folders._pixels import UNREADABLE


@dataclass(frozen=True)
class Masks(DenseLabels):
    """A class id a pixel, int64; -1 is missing."""

    spec: MaskFolder

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Return the names in classes.txt, or else the numbers up to the largest id.

        Raises:
            DataError: if a file cannot be read, all is missing, or a named class has the id that
                means missing.
        """
        names = class_names(self.folder)
        if names is None:
            return tuple(map(str, range(self._largest() + 1)))
        if self.spec.missing < len(names):
            raise DataError(
                f"The id {self.spec.missing} means missing, and it is the class "
                f"{names[self.spec.missing]!r} as well.",
                where=str(self.folder / CLASSES),
                advice="Set `missing` to an id that no class has.",
            )
        return names

    def field(self, size: int) -> Field:
        """Return a map of classes."""
        return Field((size, size), self.classes, "Folder of masks.")

    def says(self) -> str:
        """Return which classes there are and what is missing."""
        return f"mask {self.spec.missing} {self.classes}"

    def checked(self, data: bytes, suffix: str) -> tuple[int, int]:
        """Return height and width."""
        height, width = self._ids(data, suffix).shape
        return height, width

    def decoded(self, path: Path, size: int) -> np.ndarray:
        """Return class ids [size, size]."""
        return fit_ids(self._ids(read_regular(path), path.suffix.lower()), size)

    def blank(self, count: int, size: int) -> np.ndarray:
        """Return -1 [count, size, size]."""
        return np.full((count, size, size), -1, dtype=np.int64)

    def _ids(self, data: bytes, suffix: str) -> np.ndarray:
        ids = ids_of(data, suffix, self.spec.missing)
        if ids.max() >= len(self.classes):
            raise ValueError(f"id {ids.max()}, where there are {len(self.classes)} classes")
        return ids

    def _largest(self) -> int:
        largest = -1
        wrong: list[Wrong] = []
        for path in self.files:
            if path is not None:
                try:
                    ids = ids_of(read_regular(path), path.suffix.lower(), self.spec.missing)
                except UNREADABLE as error:
                    wrong.append((self.name_of(path), error))
                else:
                    largest = max(largest, int(ids.max()))
        self.refuse(wrong)
        if largest < 0:
            raise DataError(
                f"Every pixel of these masks is missing (id {self.spec.missing}).",
                where=str(self.folder),
                advice="Set `missing` to the id that means missing.",
            )
        return largest
