"""Who uses a store: runs share it, cleaning wants it alone; and which runs must keep what."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from taskspace.engine.own_files import is_own_file, open_own, read_own, refuse_link, write_own
from taskspace.engine.refusal import store_explained
from taskspace.engine.rundir import RunFolder
from taskspace.engine.store import LOCK, Store
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
    with _locked(store, fcntl.LOCK_SH) as lock:
        with store_explained(store.root):
            path = os.fsencode(run.resolve())
            refuse_link(store.root / "roots")
            draft = store.draft("root")
            write_own(draft, path)
            draft.replace(store.root / "roots" / _root_name(path))
        yield Held(store, lock)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold the store alone.

    Raises:
        RunLocked: if a run uses it.
        StoreError: if it cannot be written.
    """
    with _locked(store, fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def _locked(store: Store, operation: int) -> Iterator[int]:
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

    Args:
        forget: whether runs that are gone are forgotten, so that they are not looked for again.

    Raises:
        RunError: if it cannot be seen whether a run still exists, or what it asked for: its
            parent folder may have been moved, or its disk not be mounted.
    """
    keys: set[str] = set()
    gone = []
    with store_explained(store.root, "read"):
        refuse_link(store.root / "roots")
        roots = sorted((store.root / "roots").iterdir())
        roots = [root for root in roots if ROOT.fullmatch(root.name) and is_own_file(root)]
    for root in roots:
        run = _run_of(root, store)
        if _exists(run, root):
            keys.update(RunFolder(run).keys())
        else:
            gone.append(root)
    if forget:
        for root in gone:
            root.unlink(missing_ok=True)
    return keys


def _root_name(path: bytes) -> str:
    return hashlib.sha256(path).hexdigest()[:16]


def _run_of(root: Path, store: Store) -> Path:
    with store_explained(store.root, "read"):
        content = read_own(root)
    if _root_name(content) != root.name:
        raise RunError(
            "The note of which run uses the store is damaged.",
            where=str(root),
            advice=f"Execute your runs again to note them anew, then delete {root}.",
        )
    return Path(os.fsdecode(content))


def _exists(run: Path, root: Path) -> bool:
    try:
        if run.is_dir():
            return True
        if run.parent.is_dir():
            return False
        reason = "the folder is absent"
    except OSError as error:
        reason = error.strerror or str(error)
    raise RunError(
        f"The runs of {run.parent} cannot be seen ({reason}), so what {run.name} needs is unknown.",
        where=str(root),
        advice="Mount it or move it back; if the run is gone for good, delete this note of it.",
    )
