"""Chunks of arrays that are made once and shared by all processes: memory-mapped files."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from taskspace.errors import DataError

SUMS = "sums.json"
"""In every chunk: the CRC-32 of each file, so that damage is no other world."""


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where generated data is kept: `$TASKS_DATA`, else the user's cache folder.

    Raises:
        DataError: if it lies in a home folder and there is none.
    """
    try:
        if said := environment.get("TASKS_DATA"):
            return Path(said).expanduser()
        shared = Path(environment.get("XDG_CACHE_HOME", ""))
        # By the rules of XDG, a path that is not absolute does not count.
        return (shared if shared.is_absolute() else Path.home() / ".cache") / "taskspace"
    except RuntimeError as error:
        # As in a container that runs under a number that no user has.
        raise DataError(
            "Generated data has no place: this user has no home folder.",
            where="TASKS_DATA",
            advice="Set TASKS_DATA to a folder that can be written.",
        ) from error


@dataclass(frozen=True)
class ArrayFile:
    """What a chunk has in one file."""

    shape: tuple[int, ...]
    dtype: str


class Chunks:
    """Numbered chunks of named arrays in a folder, made when they are first asked for.

    A chunk is made under a lock of its own, in a folder that is then renamed: a process that is
    killed leaves neither a lock nor half a chunk. Who finds a chunk being made by another makes a
    later one meanwhile, so that processes that read the same data share the work.

    Args:
        folder: one subfolder for each chunk.
        files: what a chunk consists of, by name.
        make: returns the arrays of a chunk.
        count: how many chunks will be wanted.
    """

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, ArrayFile],
        make: Callable[[int], Mapping[str, np.ndarray]],
        count: int,
    ) -> None:
        self._folder = folder
        self._files = files
        self._make = make
        self._count = count
        self._open: dict[tuple[int, str], np.ndarray] = {}

    def rows(self, name: str, numbers: np.ndarray, size: int) -> np.ndarray:
        """Return rows [n, ...] of an array over all chunks of `size` rows; what lacks is made.

        Raises:
            DataError: if a chunk cannot be written.
        """
        chunk = numbers // size
        used = np.unique(chunk).tolist()
        self.require(used, name)
        file = self._files[name]
        rows = np.empty((len(numbers), *file.shape[1:]), dtype=file.dtype)
        for number in used:
            rows[chunk == number] = self._open[number, name][numbers[chunk == number] % size]
        return rows

    def require(self, chunks: Iterable[int], name: str) -> None:
        """Make those of the chunks whose array `name` is missing or damaged, or wait for them.

        Raises:
            DataError: if they cannot be written.
        """
        for chunk in chunks:
            while not self._is_whole(chunk, name):
                if not (self._made(chunk, name) or self._made_another(chunk, name)):
                    with self._locked(chunk, wait=True):
                        # Whoever made it is done, or dead.
                        pass

    def array(self, chunk: int, name: str) -> np.ndarray:
        """Return an array of a chunk that `require` was called for, memory-mapped, read-only."""
        return self._open[chunk, name]

    def _made_another(self, chunk: int, name: str) -> bool:
        later = range(chunk + 1, self._count)
        return any(not self._is_whole(other, name) and self._made(other, name) for other in later)

    def _made(self, chunk: int, name: str) -> bool:
        """Make a chunk unless another process does; return whether it is there now."""
        with self._locked(chunk, wait=False) as mine:
            if mine and not self._is_whole(chunk, name):
                self._write(chunk, self._make(chunk))
            return mine

    def _is_whole(self, chunk: int, name: str) -> bool:
        if (chunk, name) not in self._open:
            try:
                array = _mapped(self._folder / str(chunk), name, self._files[name])
            except (OSError, ValueError):
                return False
            self._open[chunk, name] = array
        return True

    @contextmanager
    def _locked(self, chunk: int, *, wait: bool) -> Iterator[bool]:
        """Hold the lock of a chunk, or give False where another holds it and we do not wait."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            stream = (self._folder / f"{chunk}.lock").open("ab")
        except OSError as error:
            raise self._refused(error) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def _write(self, chunk: int, arrays: Mapping[str, np.ndarray]) -> None:
        for left in self._folder.glob(f".{chunk}-*"):
            shutil.rmtree(left, ignore_errors=True)
        draft, final = self._folder / f".{chunk}-{uuid.uuid4().hex}", self._folder / str(chunk)
        try:
            draft.mkdir()
            sums = {}
            for name, file in self._files.items():
                path = draft / f"{name}.npy"
                np.save(path, arrays[name].astype(file.dtype, copy=False))
                sums[name] = _sum(path)
            (draft / SUMS).write_text(json.dumps(sums), encoding="utf-8")
            if final.is_dir():
                shutil.rmtree(final)
            final.unlink(missing_ok=True)
            draft.rename(final)
        except OSError as error:
            raise self._refused(error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for name in self._files:
            self._open.pop((chunk, name), None)

    def _refused(self, error: OSError) -> DataError:
        # NumPy says a write that was cut short without a reason.
        reason = error.strerror or f"the disk took only a part ({error})"
        return DataError(
            f"Generated data cannot be kept: {reason}.",
            where=str(self._folder),
            advice="Free some space, or set TASKS_DATA to a folder that can be written.",
        )


def _mapped(folder: Path, name: str, file: ArrayFile) -> np.ndarray:
    """Return an array of a chunk.

    Raises:
        OSError: if there is none.
        ValueError: if it is not the one that was written.
    """
    path = folder / f"{name}.npy"
    sums = json.loads((folder / SUMS).read_bytes())
    # Before NumPy reads the header: of garbage it may raise anything.
    if not isinstance(sums, dict) or sums.get(name) != _sum(path):
        raise ValueError(f"{path} is not as it was written")
    array = np.lib.format.open_memmap(path, mode="r")
    if array.shape != file.shape or array.dtype != np.dtype(file.dtype):
        raise ValueError(f"{path} is not an array {file.shape} of {file.dtype}")
    return array


def _sum(path: Path) -> int:
    return zlib.crc32(np.memmap(path, dtype=np.uint8, mode="r").data)
