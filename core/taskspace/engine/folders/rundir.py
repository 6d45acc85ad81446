"""The folder of a run: manifest, journal, result, report, and the keys that it needs kept."""

from __future__ import annotations

import fcntl
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from taskspace.engine.folders.run_files import (
    ARRAYS,
    CELLS,
    LOCK,
    MANIFEST,
    NAME,
    SEAL,
    SEALED,
    is_complete,
)
from taskspace.engine.folders.run_seal import (
    RunSeal,
    admitting,
    checksum,
    concluded,
    parse_seal,
    seal_text,
)
from taskspace.engine.keys import digest
from taskspace.engine.own_files import open_own, read_own, refuse_link, write_own
from taskspace.engine.refusal import run_explained
from taskspace.engine.storage.stored import KEY
from taskspace.errors import NotFound, RunError, RunLocked


@dataclass(frozen=True)
class RunFolder:
    """One run on disk; neither its folder nor a file in it may be a link."""

    path: Path

    @property
    def name(self) -> str:
        """Return the run's id: the job's name and eight digits of the job's hash."""
        return self.path.name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process; the system lets go of it however the process ends.

        Raises:
            RunLocked: if another process holds it.
            RunError: if the folder cannot be made or written.
        """
        with run_explained("The run's folder", self.path):
            if not self.path.is_symlink():
                self.path.mkdir(parents=True, exist_ok=True)
        with run_explained("The run's lock", self.path):
            lock = open_own(self._own(LOCK), os.O_RDWR | os.O_CREAT)
        try:
            with run_explained("The run's lock", self.path):
                _lock(lock, self.path)
                os.ftruncate(lock, 0)
                os.write(lock, str(os.getpid()).encode("ascii"))
            yield
        finally:
            os.close(lock)

    def is_locked(self) -> bool:
        """Return whether a process executes the run now."""
        try:
            lock = open_own(self._own(LOCK), os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON file whole or not at all."""
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
        self.write_text(name, text + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole or not at all.

        A lone surrogate, from a file's name that is no UTF-8, becomes the escape that JSON has.

        Raises:
            RunError: if the disk is full or the folder unwritable.
        """
        self._write(name, text.encode("utf-8", errors="backslashreplace"))

    def _write(self, name: str, content: bytes) -> None:
        with run_explained(name, self.path):
            if name in SEALED:
                seal = admitting(self._seal() or {}, name, content)
                write_own(self._own(SEAL), seal_text(seal))
            write_own(self._own(name), content)

    def conclude(self) -> None:
        """Seal the files as they were written last, when the run has come to its end.

        Raises:
            RunError: if the disk is full or the folder unwritable.
        """
        with run_explained(SEAL, self.path):
            write_own(self._own(SEAL), seal_text(concluded(self._seal() or {})))

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a JSON file of the run.

        A manifest without a seal, which earlier versions wrote, is taken if its job is the one that
        the run is named after.

        Raises:
            NotFound: if the run has none or a damaged one, with what to do.
            RunError: if it may not be read.
        """
        content = self._read(name)
        try:
            value: dict[str, Any] = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self.damaged(name) from error
        if not isinstance(value, dict) or not is_complete(name, value):
            raise self.damaged(name)
        if name == MANIFEST:
            self._check_job(value["job"])
        return value

    def damaged(self, name: str) -> NotFound:
        """Return the error that says that a file of the run cannot be used."""
        return NotFound(
            f"{name} of the run {self.name} is damaged.",
            where=str(self.path),
            advice="`tasks run JOB`, with its job file, writes it again: no cell that is stored "
            "is computed twice.",
        )

    def attempts(self) -> list[dict[str, Any]]:
        """Return what earlier executions took that came to their end."""
        try:
            attempts: list[dict[str, Any]] = self.read_json(MANIFEST).get("attempts", [])
        except (NotFound, RunError):
            return []
        return attempts

    def write_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Write the arrays that the report shows, whole or not at all."""
        buffer = BytesIO()
        np.savez(buffer, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]  # numpy types names as options
        self._write(ARRAYS, buffer.getvalue())

    def read_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays that the report shows.

        Raises:
            NotFound: if they are absent or damaged, with what to do.
            RunError: if they may not be read.
        """
        content = self._read(ARRAYS)
        try:
            with np.load(BytesIO(content), allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except _UNREADABLE_ARRAYS as error:
            raise self.damaged(ARRAYS) from error

    def needs(self, keys: Iterable[str]) -> None:
        """Note, before they are computed, the keys that `tasks runs gc` must keep.

        Raises:
            RunError: if the disk is full or the folder unwritable.
        """
        known = self.keys()
        noted = list(dict.fromkeys([*known, *keys]))
        if noted != known:
            # Whole or not at all: a line cut short by a full disk would be a key that is lost.
            self.write_text(CELLS, "".join(f"{key}\n" for key in noted))

    def keys(self) -> list[str]:
        """Return the keys of all cells that the run asked for; lines that are none are ignored.

        Raises:
            RunError: if they cannot be read.
        """
        with run_explained(CELLS, self.path, "read"):
            try:
                lines = read_own(self._own(CELLS)).decode("ascii", errors="replace").split()
            except FileNotFoundError:
                return []
        return [line for line in lines if KEY.fullmatch(line)]

    def _own(self, name: str) -> Path:
        """Return the path of a file; raises OSError if the folder is a link."""
        refuse_link(self.path)
        return self.path / name

    def _read(self, name: str) -> bytes:
        """Return a file's content, verified where the run has a seal."""
        with run_explained(f"{name} of the run {self.name}", self.path, "read"):
            seal = self._seal()
            try:
                content = read_own(self._own(name))
            except FileNotFoundError as error:
                if seal and len(seal.get(name, ())) == 1:
                    raise self.damaged(name) from error
                raise NotFound(
                    f"The run {self.name} has no {name}: it has not ended.",
                    where=str(self.path),
                    advice="`tasks run JOB`, with its job file, goes on where it stopped.",
                ) from error
        if seal is None and (name != MANIFEST or NAME.fullmatch(self.name) is None):
            raise NotFound(
                f"The run {self.name} has no {SEAL}, so that its {name} cannot be verified: an "
                "earlier version wrote it, or the file was deleted.",
                where=str(self.path),
                advice=f"`tasks rerun {self.name}` writes all of it again: no cell that is stored "
                "is computed twice.",
            )
        if seal is not None and checksum(content) not in seal.get(name, ()):
            raise self.damaged(name)
        return content

    def _seal(self) -> RunSeal | None:
        """Return the seal; None where there is none."""
        try:
            return parse_seal(read_own(self._own(SEAL)))
        except FileNotFoundError:
            return None

    def _check_job(self, job: Mapping[str, Any]) -> None:
        """Refuse a manifest of another job than the run is named after.

        Raises:
            NotFound: if it is.
        """
        name = NAME.fullmatch(self.name)
        if name and digest(job)[:8] != name[1]:
            raise NotFound(
                f"{MANIFEST} of the run {self.name} holds another job than the one that the run is "
                "named after: it was changed, or the folder renamed.",
                where=str(self.path),
                advice="Give the folder its name again, or run the job with its file.",
            )


_UNREADABLE_ARRAYS = (
    OSError,
    EOFError,
    KeyError,
    TypeError,  # an .npy where an .npz should be
    AttributeError,  # likewise, from memory
    ValueError,
    NotImplementedError,  # an unknown compression
    zipfile.BadZipFile,
    zlib.error,
)


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 20, 0).decode("ascii", errors="replace").strip() or "unknown"
        raise RunLocked(
            f"The run {path.name} is being executed by process {holder}.",
            where=str(path),
            advice="Wait for it, or give the job another name or --runs folder.",
        ) from None
