"""A stored result: what is read from it is verified, and watched until the run ends."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from taskspace.engine.own_files import open_own, read_own
from taskspace.engine.refusal import advice, reason
from taskspace.engine.storage.artifact import RECORD, WEIGHTS
from taskspace.errors import ArtifactDamaged, StoreError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class FileState:
    """What the system notes of a file.

    Attributes:
        written: bytes, and when its content last changed as far as a program did not set it
            otherwise (nanoseconds).
        changed: when its content or its metadata last changed (nanoseconds); no program can set it.
        metadata: mode, owner, group and number of names.
    """

    written: tuple[int, int]
    changed: int
    metadata: tuple[int, int, int, int]

    @classmethod
    def of(cls, status: os.stat_result) -> FileState:
        """Return the state that a status describes."""
        return cls(
            (status.st_size, status.st_mtime_ns),
            status.st_ctime_ns,
            (status.st_mode, status.st_uid, status.st_gid, status.st_nlink),
        )

    def only_metadata_differs(self, other: FileState) -> bool:
        """Return whether a new mode, owner or name explains that `changed` differs.

        A backup by hard links or `chmod -R` must not cost a night's work. What differs without
        such a reason was written to, though its time may say otherwise.
        """
        return self.written == other.written and self.metadata != other.metadata


SEAL = "seal.json"
KEY = re.compile(r"[0-9a-f]{64}")
"""What a key looks like: SHA-256 in hexadecimal digits."""


class StoredResult:
    """The stored result of a cell; a file is verified when it is first read."""

    def __init__(self, key: str, folder: Path) -> None:
        self.key = key
        self.folder = folder
        self._states: dict[str, FileState] = {}
        self._sound: set[str] = set()

    @cached_property
    def seal(self) -> Mapping[str, Any]:
        """Return names, sizes and checksums of the files, and what the cell cost."""
        try:
            seal = json.loads(read_own(self.folder / SEAL))
        except OSError as error:
            raise self._refused(error, SEAL) from error
        except (ValueError, RecursionError) as error:
            raise self._damage(SEAL) from error
        if not _is_seal(seal, self.key):
            raise self._damage(SEAL)
        sound: Mapping[str, Any] = seal
        return sound

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """Return the JSON record."""
        record: Mapping[str, Any] = json.loads(self._content(RECORD))
        return record

    def array(self, name: str) -> np.ndarray:
        """Return an array, memory-mapped and read-only."""
        path = self._verified(f"{name}.npy")
        try:
            array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        except OSError as error:
            raise self._refused(error, path.name) from error
        except ValueError as error:
            raise self._damage(path.name) from error
        return array

    def weights(self) -> dict[str, torch.Tensor]:
        """Return all weights, on the CPU."""
        from safetensors.torch import load  # noqa: PLC0415  imports torch

        weights: dict[str, torch.Tensor] = load(self._content(WEIGHTS))
        return weights

    def verify(self) -> None:
        """Compare every file with its checksum.

        Raises:
            ArtifactDamaged: for the first file that differs.
            StoreError: if a file may not be read.
        """
        for name in self.seal["files"]:
            self._verified(name)

    def watch(self) -> None:
        """Note the state of every file, so that `changed` speaks of all of them from now on.

        Raises:
            ArtifactDamaged: if a file is absent.
        """
        for name in self.seal["files"]:
            try:
                state = FileState.of((self.folder / name).lstat())
            except OSError as error:
                raise self._refused(error, name) from error
            self._states.setdefault(name, state)

    def changed(self) -> ArtifactDamaged | None:
        """Return which file is no longer what it was when it was first read or watched.

        Costs a look at each file; the content is read again where only metadata differs.
        """
        for name, state in self._states.items():
            path = self.folder / name
            try:
                now = FileState.of(path.lstat())
                if now == state:
                    continue
                if now.only_metadata_differs(state) and self._is_sealed(path, name):
                    self._states[name] = now
                    continue
            except OSError:
                pass
            return self._damage(name)
        return None

    def _verified(self, name: str) -> Path:
        """Return a file that is, or was when it was first read, what was written."""
        path = self.folder / name
        self._entry(name)
        if name not in self._sound:
            try:
                sound = self._is_sealed(path, name)
            except OSError as error:
                raise self._refused(error, name) from error
            if not sound:
                raise self._damage(name)
            self._sound.add(name)
        return path

    def _is_sealed(self, path: Path, name: str) -> bool:
        with open(open_own(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123  a descriptor
            status = os.fstat(file.fileno())
            self._states.setdefault(name, FileState.of(status))
            entry = self._entry(name)
            if status.st_size != entry["bytes"]:
                return False
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return bool(digest == entry["sha256"])

    def _content(self, name: str) -> bytes:
        """Return the bytes of a file: exactly those that are verified."""
        path, entry = self.folder / name, self._entry(name)
        try:
            self._states.setdefault(name, FileState.of(path.lstat()))
            content = read_own(path)
        except OSError as error:
            raise self._refused(error, name) from error
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise self._damage(name)
        return content

    def _entry(self, name: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] | None = self.seal["files"].get(name)
        if entry is None:
            raise KeyError(f"The result {self.key[:12]} has no {name}.")
        return entry

    def _refused(self, error: OSError, name: str) -> StoreError:
        """Return that a file is damaged, unless it is there and only a mode forbids to read it."""
        if error.errno not in (errno.EACCES, errno.EPERM):
            return self._damage(name)
        path = self.folder / name
        return StoreError(
            f"A stored result cannot be read: {reason(error)}.",
            where=str(path),
            advice=advice(error, path, "--store"),
        )

    def _damage(self, name: str) -> ArtifactDamaged:
        return ArtifactDamaged(self.key, str(self.folder / name))

    # Last, because its name hides the type.
    @property
    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(int(entry["bytes"]) for entry in self.seal["files"].values())


def _is_seal(seal: object, key: str) -> bool:
    """Return whether these are the files of `key` with sizes and checksums, the record with them.

    Seals of earlier versions name no key; they are taken for that of their folder.
    """
    return (
        isinstance(seal, dict)
        and seal.get("key", key) == key
        and isinstance(files := seal.get("files"), dict)
        and RECORD in files
        and all(
            os.path.basename(name) == name  # noqa: PTH119  a name, not a path
            and isinstance(entry, dict)
            and isinstance(entry.get("bytes"), int)
            and isinstance(entry.get("sha256"), str)
            for name, entry in files.items()
        )
    )
