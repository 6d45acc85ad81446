"""The store: each cell's result under its key, checksummed, renamed into place, never a pickle."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from taskspace.components import Result
from taskspace.errors import ArtifactDamaged, StoreError

if TYPE_CHECKING:
    import torch

SEAL = "seal.json"
RECORD = "record.json"
WEIGHTS = "weights.safetensors"
KEY = re.compile(r"[0-9a-f]{64}")
"""What a key looks like: SHA-256 in hexadecimal digits."""


class StoredResult:
    """The stored result of a cell; a file is verified when it is first read."""

    def __init__(self, key: str, folder: Path) -> None:
        self.key = key
        self.folder = folder

    @cached_property
    def seal(self) -> Mapping[str, Any]:
        """Return names, sizes and checksums of the files, and what the cell cost."""
        try:
            seal = json.loads((self.folder / SEAL).read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise ArtifactDamaged(self.key, str(self.folder / SEAL)) from error
        if not _is_seal(seal):
            raise ArtifactDamaged(self.key, str(self.folder / SEAL))
        sound: Mapping[str, Any] = seal
        return sound

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """Return the JSON record."""
        record: Mapping[str, Any] = json.loads(self._verified(RECORD).read_bytes())
        return record

    def array(self, name: str) -> np.ndarray:
        """Return an array, memory-mapped and read-only."""
        array: np.ndarray = np.load(
            self._verified(f"{name}.npy"), mmap_mode="r", allow_pickle=False
        )
        return array

    def weights(self) -> dict[str, torch.Tensor]:
        """Return all weights, on the CPU."""
        from safetensors.torch import load_file  # noqa: PLC0415  imports torch

        weights: dict[str, torch.Tensor] = load_file(self._verified(WEIGHTS))
        return weights

    def verify(self) -> None:
        """Compare every file with its checksum.

        Raises:
            ArtifactDamaged: for the first file that differs.
        """
        for name in self.seal["files"]:
            self._verified(name)

    @property
    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(int(entry["bytes"]) for entry in self.seal["files"].values())

    def _verified(self, name: str) -> Path:
        path = self.folder / name
        entry = self.seal["files"].get(name)
        if entry is None:
            raise KeyError(f"The result {self.key[:12]} has no {name}.")
        if name not in self._seen:
            try:
                if path.stat().st_size != entry["bytes"] or _checksum(path) != entry["sha256"]:
                    raise ArtifactDamaged(self.key, str(path))
            except OSError as error:
                raise ArtifactDamaged(self.key, str(path)) from error
            self._seen.add(name)
        return path

    @cached_property
    def _seen(self) -> set[str]:
        return set()


@dataclass(frozen=True)
class Store:
    """A folder of results that any number of runs and workers share."""

    root: Path

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StoreError: if they cannot be made or written.
        """
        with explained(self.root):
            for name in ("objects", "writing", "roots"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            probe = self.root / "writing" / f"probe-{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()

    def folder(self, key: str) -> Path:
        """Return where the result of `key` is, or would be."""
        return self.root / "objects" / key[:2] / key

    def has(self, key: str) -> bool:
        """Return whether there is a result; says nothing about damage."""
        return (self.folder(key) / SEAL).exists()

    def stamp(self, key: str) -> int:
        """Return what changes when the result of `key` is written anew.

        Raises:
            KeyError: if there is none.
        """
        try:
            return (self.folder(key) / SEAL).stat().st_mtime_ns
        except OSError as error:
            raise KeyError(key) from error

    def get(self, key: str) -> StoredResult:
        """Return the result of `key`.

        Raises:
            KeyError: if there is none.
        """
        if not self.has(key):
            raise KeyError(key)
        return StoredResult(key, self.folder(key))

    def put(self, key: str, result: Result, cost: Mapping[str, Any]) -> None:
        """Write a result in a temporary place and rename it; the first of two equal keys stays.

        What is in its place without a seal is no result and gives way.

        Raises:
            StoreError: if the disk is full or the store unwritable.
        """
        draft = self.root / "writing" / f"{key[:12]}-{uuid.uuid4().hex}"
        with explained(self.root):
            try:
                draft.mkdir(parents=True)
                _write_files(draft, result)
                files = {
                    path.name: {"sha256": _checksum(path), "bytes": path.stat().st_size}
                    for path in sorted(draft.iterdir())
                }
                (draft / SEAL).write_text(json.dumps({"files": files, "cost": dict(cost)}))
                if not self._place(draft, key):
                    self._clear(key)
                    if not self._place(draft, key):
                        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def _place(self, draft: Path, key: str) -> bool:
        """Return whether there is a result now; not if something else is in its place."""
        final = self.folder(key)
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
            return self.has(key)
        return True

    def _clear(self, key: str) -> None:
        """Remove what is where a result or its shelf should be and is neither."""
        self.discard(key)
        shelf = self.folder(key).parent
        if shelf.is_file():
            shelf.unlink()

    def discard(self, key: str) -> None:
        """Remove a result; renamed away first, so that no reader finds half of it."""
        away = self.root / "writing" / f"discarded-{uuid.uuid4().hex}"
        with explained(self.root):
            try:
                self.folder(key).rename(away)
            except (FileNotFoundError, NotADirectoryError):
                return
            erase(away)

    def keys(self) -> Iterator[str]:
        """Yield the key of every stored result; what else lies there is not looked at."""
        for folder in sorted((self.root / "objects").glob("??/*")):
            if KEY.fullmatch(folder.name) and folder.name.startswith(folder.parent.name):
                yield folder.name


def erase(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as the system allows."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _is_seal(seal: object) -> bool:
    """Return whether these are files with sizes and checksums, and the record among them."""
    return (
        isinstance(seal, dict)
        and isinstance(files := seal.get("files"), dict)
        and RECORD in files
        and all(
            isinstance(entry, dict)
            and isinstance(entry.get("bytes"), int)
            and isinstance(entry.get("sha256"), str)
            for entry in files.values()
        )
    )


def _write_files(folder: Path, result: Result) -> None:
    record = json.dumps(dict(result.record), sort_keys=True, allow_nan=False)
    (folder / RECORD).write_text(record, encoding="utf-8")
    for name, array in result.arrays.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    if result.weights:
        from safetensors.torch import save_file  # noqa: PLC0415  imports torch

        save_file(
            {name: weight.detach().cpu().contiguous() for name, weight in result.weights.items()},
            folder / WEIGHTS,
        )


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class explained:  # noqa: N801  reads as a phrase: `with explained(root):`
    """Turns an operating system's refusal into a StoreError that says what to do."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        advice = {
            errno.ENOSPC: "The disk is full: free space (`tasks runs gc`) and run again; "
            "everything computed so far is kept.",
            errno.EDQUOT: "The disk quota is used up: free space (`tasks runs gc`) and run again; "
            "everything computed so far is kept.",
        }.get(
            error.errno or 0,
            "Choose a folder that can be written with --store DIR or TASKS_STORE.",
        )
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StoreError(
            f"The store cannot be written: {reason}.", where=str(self._root), advice=advice
        ) from error
