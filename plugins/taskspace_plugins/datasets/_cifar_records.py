"""What every dataset of CIFAR's photographs shares: which are read, from where, in what order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pydantic

from taskspace.components import Dataset, JobPath
from taskspace.errors import DataError
from taskspace_plugins.datasets._cifar_files import SIDE, Release, read_records
from taskspace_plugins.datasets._draws import even_order

PARTS = ("train", "test")
BLOCK = 4096
"""Records that are hashed at once."""


class CifarRecords(Dataset):
    """Colour photographs of 32x32 pixels; a subclass says what was published and its fields."""

    release: ClassVar[Release]
    classes: ClassVar[tuple[str, ...]]
    """The names of the labels 0, 1, ..."""

    path: JobPath = pydantic.Field(
        description="The binary archive, or the folder that it extracts to."
    )
    part: Literal["train", "test"] | None = pydantic.Field(
        None, description="Read only this part, as published; by default both, `train` first."
    )
    images: int | None = pydantic.Field(
        None,
        ge=1,
        le=60_000,
        description="Read only so many, with the classes and parts in proportion; more begin with "
        "those of fewer. By default all, in the order of the files.",
    )
    seed: int = pydantic.Field(
        0, ge=0, lt=2**32, description="Another seed, another choice of `images`."
    )
    partial: bool = pydantic.Field(
        False,
        examples=[True],
        description="Whether files may have fewer records than were published.",
    )

    @cached_property
    def _records(self) -> dict[str, np.ndarray]:
        files = [file for file in self.release.files if self.part in (None, file.part)]
        return read_records(self.path, self.release, files, partial=self.partial)

    @cached_property
    def _part_of_all(self) -> np.ndarray:
        parts = {file.name: PARTS.index(file.part) for file in self.release.files}
        return np.concatenate([np.full(len(r), parts[name]) for name, r in self._records.items()])

    @cached_property
    def _labels_of_all(self) -> np.ndarray:
        """Return the label bytes of all records, int64 [N, labels]; the last is the class."""
        found = []
        for name, records in self._records.items():
            labels = records[:, : self.release.labels].astype(np.int64)
            for record in np.flatnonzero(labels[:, -1] >= len(self.classes))[:1]:
                self._refuse(name, record, f"the label {labels[record, -1]}")
            self._check_labels(name, labels)
            found.append(labels)
        return np.concatenate(found)

    def _check_labels(self, name: str, labels: np.ndarray) -> None:
        """Refuse what a subclass knows to be wrong of the labels [n, labels] of a file."""

    def _refuse(self, name: str, record: int, what: str) -> None:
        raise DataError(
            f"Record {record} of {name} has {what}; {self.release.title} has the classes 0 to "
            f"{len(self.classes) - 1}.",
            where=str(self.path),
            advice=f"The file is damaged or something else. {self.release.advice()}",
        )

    @cached_property
    def _chosen(self) -> np.ndarray:
        total = len(self._part_of_all)
        if self.images is None:
            return np.arange(total)
        if self.images > total:
            raise DataError(
                f"There are {total:,} images, and {self.images:,} are asked for.",
                where=str(self.path),
                advice="Ask for fewer `images`, or leave `part` out.",
            )
        return even_order(self._strata(), self.seed)[: self.images]

    def _strata(self) -> np.ndarray:
        """Return what a choice of images keeps in proportion, from 0: int64 [N]."""
        strata: np.ndarray = self._part_of_all * len(self.classes) + self._labels_of_all[:, -1]
        return strata

    @cached_property
    def _fingerprint(self) -> str:
        _ = self._labels_of_all  # What cannot be read has no fingerprint.
        digest = hashlib.sha256(f"{self.name} 1".encode())
        digest.update(self._part_of_all[self._chosen].tobytes())
        for start in range(0, self.length(), BLOCK):
            digest.update(self._content(self._chosen[start : start + BLOCK]))
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of the chosen images, the same from an archive and from a folder.

        Raises:
            DataError: if a file is missing, unreadable, of another size or of another version, or
                a label is out of range.
        """
        return self._fingerprint

    def parts(self) -> Sequence[str]:
        """Return `train` or `test` for each image, as published."""
        return [PARTS[part] for part in self._part_of_all[self._chosen].tolist()]

    def length(self) -> int:
        """Return the number of images that are read."""
        return len(self._chosen)

    def _content(self, chosen: np.ndarray) -> bytes:
        """Return what a fingerprint follows of these images."""
        return self._rows(chosen).tobytes()

    def _pixels(self, chosen: np.ndarray) -> np.ndarray:
        """Return images by their numbers among all: uint8 [B, 3, 32, 32]."""
        return self._rows(chosen)[:, self.release.labels :].reshape(-1, 3, SIDE, SIDE)

    def _rows(self, chosen: np.ndarray) -> np.ndarray:
        """Return records by their numbers among all: uint8 [B, record]."""
        rows = np.empty((len(chosen), self.release.record), dtype=np.uint8)
        start = 0
        for records in self._records.values():
            here = (chosen >= start) & (chosen < start + len(records))
            rows[here] = records[chosen[here] - start]
            start += len(records)
        return rows
