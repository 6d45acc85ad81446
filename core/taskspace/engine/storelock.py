"""Who uses a store: runs share it, cleaning wants it alone; and which runs must keep what."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskspace.engine.rundir import RunFolder
from taskspace.engine.store import Store, explained
from taskspace.errors import RunError, RunLocked

ROOT = re.compile(r"[0-9a-f]{16}")


@contextmanager
def shared(store: Store, run: Path) -> Iterator[None]:
    """Hold the store together with other runs, and note that `run` needs its results.

    Raises:
        StoreError: if the disk is full or the store unwritable.
    """
    with explained(store.root):
        lock = os.open(store.root / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with explained(store.root):
            fcntl.flock(lock, fcntl.LOCK_SH)
            path = os.fsencode(run.resolve())
            draft = store.root / "writing" / f"root-{uuid.uuid4().hex}"
            draft.write_bytes(path)
            draft.replace(store.root / "roots" / _root_name(path))
        yield
    finally:
        os.close(lock)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold the store alone.

    Raises:
        RunLocked: if a run uses it.
        StoreError: if it cannot be written.
    """
    with explained(store.root):
        lock = os.open(store.root / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunLocked(
                "A run uses the store.", where=str(store.root), advice="Clean it when it has ended."
            ) from None
        yield
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
    for root in sorted((store.root / "roots").iterdir()):
        if ROOT.fullmatch(root.name) and root.is_file():
            run = _run_of(root)
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


def _run_of(root: Path) -> Path:
    content = root.read_bytes()
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
