"""The files of a result: written with their checksums, none of them by code that can crash."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from taskspace.components import Result
from taskspace.engine.own_files import open_own

RECORD = "record.json"
WEIGHTS = "weights.safetensors"


class ArtifactFile:
    """A new file, and the checksum of what it was given.

    It is no file to numpy, which therefore writes through it: numpy's own way says of a full disk
    only how many items were written.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(open_own(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb")  # noqa: PTH123, SIM115  a descriptor
        self._path = path
        self._sum = hashlib.sha256()
        self._bytes = 0

    def write(self, content: bytes) -> int:
        """Write bytes; raises OSError with the file's name."""
        try:
            self._file.write(content)
        except OSError as error:
            raise self._named(error) from error
        self._sum.update(content)
        self._bytes += len(content)
        return len(content)

    def close(self) -> dict[str, Any]:
        """Close the file and return its size and checksum, as a seal holds them."""
        try:
            self._file.close()
        except OSError as error:
            raise self._named(error) from error
        return {"sha256": self._sum.hexdigest(), "bytes": self._bytes}

    def _named(self, error: OSError) -> OSError:
        return OSError(error.errno, error.strerror, str(self._path))


def write_files(folder: Path, result: Result) -> dict[str, dict[str, Any]]:
    """Write a result's files and return size and checksum of each by name.

    Raises:
        OSError: if the disk is full or the folder unwritable.
        TypeError, ValueError: if something cannot be written as JSON, npy or safetensors.
    """
    record = json.dumps(dict(result.record), sort_keys=True, allow_nan=False)
    files = {RECORD: _written(folder / RECORD, record.encode("utf-8"))}
    for name, array in result.arrays.items():
        file = ArtifactFile(folder / f"{name}.npy")
        try:
            np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
        finally:
            files[f"{name}.npy"] = file.close()
    if result.weights:
        # As bytes: the library's own writing to a file raises no OSError.
        from safetensors.torch import save  # noqa: PLC0415  imports torch

        weights = {
            name: weight.detach().cpu().contiguous() for name, weight in result.weights.items()
        }
        files[WEIGHTS] = _written(folder / WEIGHTS, save(weights))
    return files


def _written(path: Path, content: bytes) -> dict[str, Any]:
    file = ArtifactFile(path)
    try:
        file.write(content)
    finally:
        entry = file.close()
    return entry
