"""Who uses a store: runs share it, cleaning wants it alone; and which runs must keep what."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskspace.engine.rundir import RunFolder
from taskspace.engine.store import Store
from taskspace.errors import RunLocked


@contextmanager
def shared(store: Store, run: Path) -> Iterator[None]:
    """Hold the store together with other runs, and note that `run` needs its results."""
    root = store.root / "roots" / hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:16]
    root.write_text(str(run.resolve()), encoding="utf-8")
    with (store.root / "lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Hold the store alone.

    Raises:
        RunLocked: if a run uses it.
    """
    with (store.root / "lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunLocked(
                "A run uses the store.", where=str(store.root), advice="Clean it when it has ended."
            ) from None
        yield


def needed_keys(store: Store) -> set[str]:
    """Return every key that a run which still exists asked for; forgets runs that are gone."""
    keys: set[str] = set()
    for root in (store.root / "roots").iterdir():
        run = Path(root.read_text(encoding="utf-8"))
        if run.is_dir():
            keys.update(RunFolder(run).keys())
        else:
            root.unlink()
    return keys
