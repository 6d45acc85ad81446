"""A dataset of a third party that says what it did not read: the source of a plugin."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import numpy as np

from taskspace.components import Dataset, Field, Finding, JobPath, hookimpl
from taskspace.errors import DataError


class Noted(Dataset):
    """Grey squares: as many as `labels.txt` in a folder has lines of a class and a number.

    `notes.txt` holds its findings, a line each: code, tone and text. `broken.txt` holds the numbers
    of samples that cannot be read.
    """

    name: ClassVar[str] = "noted"
    root: JobPath

    def _lines(self, name):
        if not self.root.is_dir():
            raise DataError("There is no such folder.", where=str(self.root))
        file = self.root / name
        return file.read_text().splitlines() if file.exists() else []

    def _labels(self):
        rows = [line.split() for line in self._lines("labels.txt")]
        classes = tuple(sorted({word for word, _ in rows} - {"?"}))
        ids = [-1 if word == "?" else classes.index(word) for word, _ in rows]
        return classes, np.array(ids), np.array([float(number) for _, number in rows], "float32")

    def fingerprint(self):
        return hashlib.sha256("".join(self._lines("labels.txt")).encode()).hexdigest()

    def fields(self):
        return {"image": Field((1, 8, 8)), "kind": Field((), self._labels()[0]), "size": Field(())}

    def length(self):
        return len(self._lines("labels.txt"))

    def read(self, indices, fields=None):
        import torch

        broken = [int(line) for line in self._lines("broken.txt")]
        for index in indices:
            if index in broken:
                raise DataError(f"The square {index} has a corner too few.", where=str(self.root))
        rows = torch.as_tensor(np.asarray(indices))
        _, ids, numbers = self._labels()
        sample = {
            "image": (rows.float() / 255)[:, None, None, None].expand(-1, 1, 8, 8).clone(),
            "kind": torch.from_numpy(ids)[rows],
            "size": torch.from_numpy(numbers)[rows],
        }
        return {name: sample[name] for name in sample if fields is None or name in fields}

    def findings(self):
        return [Finding(*line.split(" ", 2)) for line in self._lines("notes.txt")]


@hookimpl
def taskspace_datasets():
    return [Noted]
