"""Who uses a store: runs share it, cleaning wants it alone; and which runs must keep what."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.folders.runs_folder import run_folders
from taskspace.engine.own_files import is_own_file, open_own, read_own, refuse_link, write_own
from taskspace.engine.refusal import store_explained
from taskspace.engine.storage.store import LOCK, Store
from taskspace.errors import RunError, RunLocked

ROOT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Held:
    """The store as a run holds it."""

    store: Store
    _lock: int

    def refuse_moved(self) -> None:
        """Refuse to go on where the store at this path is no longer the one that is held.

        Raises:
            StoreError: if it was deleted, moved or replaced.
        """
        path = self.store.root / LOCK
        with store_explained(self.store.root, "used"):
            there, held = path.lstat(), os.fstat(self._lock)
            if (there.st_dev, there.st_ino) != (held.st_dev, held.st_ino):
                raise FileNotFoundError(errno.ENOENT, "It is another store now", str(path))


@contextmanager
def shared(store: Store, run: Path) -> Iterator[Held]:
    """Hold the store together with other runs, and note that `run` needs its results.

    Raises:
        StoreError: if the disk is full or the store unwritable.
    """
    with locked(store, fcntl.LOCK_SH) as lock:
        with store_explained(store.root):
            _write_note(run.resolve(), store)
        yield Held(store, lock)


@contextmanager
def locked(store: Store, operation: int = fcntl.LOCK_EX | fcntl.LOCK_NB) -> Iterator[int]:
    """Hold the store alone, or as `operation` says; gives the file descriptor of the lock.

    Raises:
        RunLocked: if a run uses it.
        StoreError: if it cannot be written.
    """
    with store_explained(store.root):
        lock = open_own(store.root / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        with store_explained(store.root):
            try:
                fcntl.flock(lock, operation)
            except BlockingIOError:
                raise RunLocked(
                    "A run uses the store.",
                    where=str(store.root),
                    advice="Clean it when it has ended.",
                ) from None
        yield lock
    finally:
        os.close(lock)


def needed_keys(store: Store, *, forget: bool) -> set[str]:
    """Return every key that a run which still exists asked for.

    A run exists where it was executed, or at that place seen from the store, if both were moved or
    copied together. All runs in the same folder count: one may be its copy, or have been renamed.

    Args:
        forget: whether what is noted of runs is brought up to date: those that are gone are not
            looked for again, and those that were found elsewhere are.

    Raises:
        RunError: if it cannot be seen whether a run still exists, or what it asked for: its
            parent folder may have been moved, or its disk not be mounted.
    """
    roots = [root for root in store.entries("roots") if ROOT.fullmatch(root.name)]
    with store_explained(store.root, "read"):
        roots = [root for root in roots if is_own_file(root)]
    runs, beside, outdated = set[Path](), set[Path](), []
    for root in roots:
        places = _places_of(root, store)
        present = _present(places, root)
        if places[0] not in present:
            outdated.append(root)
        runs.update(present)
        beside.update(place.parent for place in places)
    for folder in beside:
        runs.update(run.path for run in run_folders(folder))
    keys = set[str]()
    for run in runs:
        keys.update(RunFolder(run).keys())
    if forget:
        # A full disk, which cleaning is to free, only puts it off.
        with suppress(OSError):
            noted = {root.name for root in roots}
            for run in runs:
                if _root_name(_note(run, store)) not in noted:
                    _write_note(run, store)
            for root in outdated:
                root.unlink(missing_ok=True)
    return keys


def _write_note(run: Path, store: Store) -> None:
    note = _note(run, store)
    refuse_link(store.root / "roots")
    draft = store.draft("root")
    write_own(draft, note)
    draft.replace(store.root / "roots" / _root_name(note))


def _note(run: Path, store: Store) -> bytes:
    """Return where a run is: its path, and that from the store."""
    seen = os.path.relpath(run, store.root.resolve())
    return os.fsencode(run) + b"\0" + os.fsencode(seen)


def _root_name(note: bytes) -> str:
    return hashlib.sha256(note).hexdigest()[:16]


def _places_of(root: Path, store: Store) -> list[Path]:
    """Return where the run of a note may be, first where it was executed."""
    with store_explained(store.root, "read"):
        content = read_own(root)
    if _root_name(content) != root.name:
        raise RunError(
            "The note of which run uses the store is damaged.",
            where=str(root),
            advice=f"Execute your runs again to note them anew, then delete {root}.",
        )
    # Notes of earlier versions have the first path alone.
    executed, _, seen = content.partition(b"\0")
    places = [Path(os.fsdecode(executed))]
    if seen:
        places.append(Path(os.path.normpath(store.root.resolve() / os.fsdecode(seen))))
    return places


def _present(places: list[Path], root: Path) -> list[Path]:
    """Return the places where a run is; none if it is gone."""
    run = places[0]
    try:
        present = [place for place in places if place.is_dir()]
        if present or run.parent.is_dir():
            return present
        reason = "the folder is absent"
    except OSError as error:
        reason = error.strerror or str(error)
    raise RunError(
        f"The runs of {run.parent} cannot be seen ({reason}), so what {run.name} needs is unknown.",
        where=str(root),
        advice=f"Mount it or move it back. If the run was moved, `tasks rerun {run.name}` notes "
        "its new place. Then, or if it is gone for good, delete this note of it.",
    )
