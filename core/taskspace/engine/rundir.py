"""The folder of a run: manifest, journal, result, report, and the keys that it needs kept."""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from taskspace.errors import NotFound, RunError, RunLocked

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
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise RunError(
                f"The run's folder cannot be written: {error.strerror}.",
                where=str(self.path),
                advice="Choose another with --runs DIR or TASKS_RUNS.",
            ) from error
        with file:
            _lock(file, self.path)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def is_locked(self) -> bool:
        """Return whether a process executes the run now."""
        try:
            with (self.path / "lock").open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
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
        draft = self.path / f".{name}-{uuid.uuid4().hex}"
        try:
            draft.write_bytes(content)
            draft.replace(self.path / name)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise RunError(
                f"{name} cannot be written: {error.strerror}.",
                where=str(self.path),
                advice="Free space or choose another --runs, then run again: no cell that is "
                "stored is computed twice.",
            ) from error

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a JSON file of the run.

        Raises:
            NotFound: if the run has none, with what to do.
        """
        try:
            value: dict[str, Any] = json.loads((self.path / name).read_bytes())
        except FileNotFoundError as error:
            raise NotFound(
                f"The run {self.name} has no {name}: it has not ended.",
                where=str(self.path),
                advice=f"`tasks rerun {self.name}` goes on where it stopped.",
            ) from error
        except ValueError as error:
            raise NotFound(
                f"{name} of the run {self.name} is damaged.",
                where=str(self.path),
                advice=f"`tasks rerun {self.name}` writes it again.",
            ) from error
        return value

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
        """Return the arrays that the report shows; none where the run kept none."""
        path = self.path / ARRAYS
        if not path.exists():
            return {}
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    def needs(self, keys: Iterable[str]) -> None:
        """Note, before they are computed, the keys that `tasks runs gc` must keep."""
        known = set(self.keys())
        with (self.path / CELLS).open("a", encoding="utf-8") as file:
            file.writelines(f"{key}\n" for key in keys if key not in known)

    def keys(self) -> list[str]:
        """Return the keys of all cells that the run asked for."""
        path = self.path / CELLS
        return path.read_text(encoding="utf-8").split() if path.exists() else []


def _lock(file: IO[str], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        raise RunLocked(
            f"The run {path.name} is being executed by process {holder}.",
            where=str(path),
            advice="Wait for it, or give the job another name or --runs folder.",
        ) from None


def run_folders(runs: Path) -> list[RunFolder]:
    """Return the runs in a folder, the latest first."""
    folders = [path.parent for path in runs.glob(f"*/{MANIFEST}")]
    folders.sort(key=lambda path: (path / MANIFEST).stat().st_mtime, reverse=True)
    return [RunFolder(path) for path in folders]


def find_run(runs: Path, name: str) -> RunFolder:
    """Return the run called `name`, or whose name begins so, or whose folder it is.

    Raises:
        NotFound: if there is none, or more than one; names them.
    """
    folders = run_folders(runs)
    exact = [f for f in folders if f.name == name or f.path.resolve() == Path(name).resolve()]
    found = exact or [folder for folder in folders if folder.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(folder.name for folder in (found or folders)[:8])
    if found:
        raise NotFound(f"{name!r} names {len(found)} runs: {names}.", where=str(runs))
    advice = f"There are: {names}." if folders else "There are none; `tasks run JOB` makes one."
    raise NotFound(f"There is no run {name!r}.", where=str(runs), advice=advice)
