"""The folder of a run: manifest, journal, result, report, and the keys that it needs kept."""

from __future__ import annotations

import fcntl
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from taskspace.engine.store import KEY
from taskspace.errors import NotFound, RunError, RunLocked
from taskspace.whole_file import write_whole

MANIFEST = "manifest.json"
RESULT = "result.json"
REPORT = "report.html"
ARRAYS = "arrays.npz"
CELLS = "cells.txt"
JOURNAL = "events.jsonl"


@dataclass(frozen=True)
class RunFolder:
    """One run on disk."""

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
        advice = "Free space or choose another with --runs DIR or TASKS_RUNS."
        with _explained("The run's folder", self.path, advice):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with _explained("The run's lock", self.path, advice):
                _lock(lock, self.path)
                os.ftruncate(lock, 0)
                os.write(lock, str(os.getpid()).encode("ascii"))
            yield
        finally:
            os.close(lock)

    def is_locked(self) -> bool:
        """Return whether a process executes the run now."""
        try:
            with (self.path / "lock").open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON file whole or not at all."""
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
        self.write_text(name, text + "\n")

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole or not at all.

        Raises:
            RunError: if the disk is full or the folder unwritable.
        """
        self._write(name, text.encode("utf-8"))

    def _write(self, name: str, content: bytes) -> None:
        advice = (
            "Free space or choose another --runs, then run again: no cell that is stored is "
            "computed twice."
        )
        with _explained(name, self.path, advice):
            write_whole(self.path / name, content)

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a JSON file of the run.

        Raises:
            NotFound: if the run has none or a damaged one, with what to do.
        """
        try:
            value: dict[str, Any] = json.loads((self.path / name).read_bytes())
        except FileNotFoundError as error:
            raise NotFound(
                f"The run {self.name} has no {name}: it has not ended.",
                where=str(self.path),
                advice="`tasks run JOB`, with its job file, goes on where it stopped.",
            ) from error
        except (OSError, ValueError, RecursionError) as error:
            raise self.damaged(name) from error
        if not isinstance(value, dict) or not _SOUND.get(name, bool)(value):
            raise self.damaged(name)
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
        except NotFound:
            return []
        return attempts

    def write_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Write the arrays that the report shows, whole or not at all."""
        buffer = BytesIO()
        np.savez(buffer, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]  # numpy types names as options
        self._write(ARRAYS, buffer.getvalue())

    def read_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays that the report shows; none where the run kept none.

        Raises:
            NotFound: if they are damaged, with what to do.
        """
        try:
            # Opened here, because numpy does not close a damaged file that it opened itself.
            with (self.path / ARRAYS).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except FileNotFoundError:
            return {}
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
        try:
            lines = (self.path / CELLS).read_text(encoding="ascii", errors="replace").split()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(
                f"{CELLS} cannot be read: {error.strerror or error}.",
                where=str(self.path),
                advice="Make it readable, or remove the run if it is not needed.",
            ) from error
        return [line for line in lines if KEY.fullmatch(line)]


_UNREADABLE_ARRAYS = (
    OSError,
    EOFError,
    KeyError,
    TypeError,  # an .npy where an .npz should be
    ValueError,
    NotImplementedError,  # an unknown compression
    zipfile.BadZipFile,
    zlib.error,
)


def _is_manifest(value: Mapping[str, Any]) -> bool:
    job, attempts = value.get("job"), value.get("attempts")
    return (
        isinstance(job, dict)
        and isinstance(job.get("study"), str)
        and isinstance(value.get("state"), str)
        and isinstance(value.get("started"), str)
        and isinstance(attempts, list)
        and all(isinstance(a, dict) and isinstance(a.get("seconds"), int | float) for a in attempts)
    )


def _is_result(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("study"), str)


_SOUND: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    MANIFEST: _is_manifest,
    RESULT: _is_result,
}


@contextmanager
def _explained(what: str, path: Path, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise RunError(
            f"{what} cannot be written: {reason}.", where=str(path), advice=advice
        ) from error


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


def run_folders(runs: Path) -> list[RunFolder]:
    """Return the runs in a folder, the latest first; hidden folders are no runs."""
    dated = []
    for manifest in runs.glob(f"[!.]*/{MANIFEST}"):
        with suppress(FileNotFoundError):  # removed since it was listed
            dated.append((manifest.stat().st_mtime, manifest.parent))
    return [RunFolder(path) for _, path in sorted(dated, reverse=True)]


def find_run(runs: Path, name: str) -> RunFolder:
    """Return the run called `name`, or whose folder it is, or whose name begins so.

    Where a job's whole name was given, runs of jobs with longer names are not meant.

    Raises:
        NotFound: if there is none, or more than one; names them.
    """
    folders = run_folders(runs)
    found = [folder for folder in folders if folder.name == name]
    if not found and name and os.path.isfile(os.path.join(name, MANIFEST)):  # noqa: PTH113, PTH118  no error for names that are no paths
        path = Path(name).resolve()
        found = [f for f in folders if f.path.resolve() == path] or [RunFolder(path)]
    if not found and name:
        begun = [folder for folder in folders if folder.name.startswith(name)]
        found = [folder for folder in begun if folder.name.rpartition("-")[0] == name] or begun
    if len(found) == 1:
        return found[0]
    names = ", ".join(folder.name for folder in (found or folders)[:8])
    if found:
        raise NotFound(f"{name!r} names {len(found)} runs: {names}.", where=str(runs))
    advice = f"There are: {names}." if folders else "There are none; `tasks run JOB` makes one."
    raise NotFound(f"There is no run {name!r}.", where=str(runs), advice=advice)
