"""Fields of a class a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from taskspace.components import Field, Finding
from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import Wrong
from taskspace_plugins.datasets.folders._label_folders import CLASSES, MaskFolder, class_names
from taskspace_plugins.datasets.folders._pixels import UNREADABLE
from taskspace_plugins.datasets.folders.dense._dense_labels import DenseLabels
from taskspace_plugins.datasets.folders.dense._label_arrays import (
    MOST_CLASSES,
    fit_ids,
    ids_of,
    stored_ids,
)
from taskspace_plugins.datasets.folders.dense._mask_ids import IdCounts, class_ids, mask_findings
from taskspace_plugins.datasets.folders.dense._spread import percent, spread
from taskspace_plugins.datasets.folders.files._label_names import DEFAULT


@dataclass(frozen=True)
class Masks(DenseLabels):
    """A class id a pixel, int64; -1 is missing."""

    spec: MaskFolder

    @cached_property
    def _names(self) -> tuple[str, ...] | None:
        names, missing = class_names(self.folder), self.spec.missing
        if names is not None and missing is not None and 0 <= missing < len(names):
            raise DataError(
                f"The id {missing} means missing, and it is the class {names[missing]!r} as well.",
                where=str(self.folder / CLASSES),
                advice="Set `missing` to an id that no class has.",
            )
        return names

    @cached_property
    def _ids(self) -> tuple[int, ...]:
        """Return the stored id of each class."""
        if self._names is not None:
            return tuple(range(len(self._names)))
        counts = self._counted
        ids = class_ids(counts)
        missing = self.spec.missing
        if not ids:
            raise DataError(
                f"Every pixel of these masks is missing (id {missing})."
                if counts.missing
                else "Every pixel of these masks is missing: all ids are negative.",
                where=str(self.folder),
                advice="Set `missing` to the id that means missing, or to null where none does.",
            )
        if len(ids) == 1 and counts.missing:
            raise DataError(
                f"These masks hold one class, {str(ids[0])!r}: {percent(counts.share)} of their "
                f"pixels are {missing}, which means missing.",
                where=str(self.folder),
                advice=f"Where {missing} is a class, set `missing: null`: "
                f"`{{folder: {self.spec.folder}, {self._pattern}missing: null}}`.",
            )
        return ids

    @property
    def _pattern(self) -> str:
        name = self.spec.name
        return "" if name == DEFAULT else f"name: '{name}', "

    @cached_property
    def _counted(self) -> IdCounts:
        """Return how often each id occurs in all files."""
        return self._counts(self.files)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Return the names in classes.txt, or else the ids: see `class_ids`.

        Raises:
            DataError: if a file cannot be read, all but one class is missing, or a named class has
                the id that means missing.
        """
        return self._names or tuple(map(str, self._ids))

    def field(self, size: int) -> Field:
        """Return a map of classes."""
        return Field((size, size), self.classes, "Folder of masks.")

    def says(self) -> str:
        """Return which classes there are and what is missing."""
        return f"mask {self.spec.missing} {self.classes}"

    def checked(self, data: bytes, suffix: str) -> tuple[int, int]:
        """Return height and width."""
        height, width = self._numbered(data, suffix).shape
        return height, width

    def decoded(self, path: Path, size: int) -> np.ndarray:
        """Return class ids [size, size]."""
        return fit_ids(self._numbered(read_regular(path), path.suffix.lower()), size)

    def blank(self, count: int, size: int) -> np.ndarray:
        """Return -1 [count, size, size]."""
        return np.full((count, size, size), -1, dtype=np.int64)

    def findings(self, name: str) -> Sequence[Finding]:
        """Return what is missing, and which ids are the classes where most do not occur.

        With names in classes.txt the files need not be read for their ids; a few of them are.
        """
        if self._names is None:
            return mask_findings(name, self._counted, self._ids, self.spec.missing)
        return mask_findings(name, self._counts(spread(self.files)), None, self.spec.missing)

    @cached_property
    def _places(self) -> np.ndarray:
        """Return the number of the class of each id [MOST_CLASSES + 1], the last for missing."""
        places = np.full(MOST_CLASSES + 1, MOST_CLASSES, dtype=np.int64)
        places[list(self._ids)] = np.arange(len(self._ids))
        places[-1] = -1
        return places

    def _numbered(self, data: bytes, suffix: str) -> np.ndarray:
        ids = ids_of(stored_ids(data, suffix), self.spec.missing)
        numbers: np.ndarray = self._places[ids]
        if numbers.max() == MOST_CLASSES:
            beyond = ids[numbers == MOST_CLASSES].max()
            raise ValueError(f"id {beyond}, where there are {len(self.classes)} classes")
        return numbers

    def _counts(self, files: Sequence[Path | None]) -> IdCounts:
        counts = IdCounts.none()
        wrong: list[Wrong] = []
        for path in files:
            if path is not None:
                try:
                    stored = stored_ids(read_regular(path), path.suffix.lower())
                    ids = ids_of(stored, self.spec.missing)
                except UNREADABLE as error:
                    wrong.append((self.name_of(path), error))
                else:
                    counts += IdCounts.of(ids, stored, self.spec.missing)
        self.refuse(wrong)
        return counts
