"""What the operating system refuses, as errors that say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from taskspace.errors import RunError, StoreError

_AGAIN = "choose {another}, and run again; everything computed so far is kept."
_AWAY = "Move {name} away, or choose {another}."
_MODE = "Make it yours to read and write (`chmod -R u+rwX {name}`), or choose {another}."
_ADVICE = {
    errno.ENOSPC: "The disk is full: free space (`tasks runs gc`) or " + _AGAIN,
    errno.EDQUOT: "The disk quota is used up: free space (`tasks runs gc`) or " + _AGAIN,
    errno.EFBIG: "A limit on the size of files is reached, of the process (`ulimit -f`) or of the "
    "file system: raise it or " + _AGAIN,
    errno.EROFS: "It is mounted read-only: mount it for writing or choose {another}.",
    errno.EIO: "The disk reports an error: check it, or choose {another}.",
    errno.EACCES: _MODE,
    errno.EPERM: _MODE,
    errno.ELOOP: "Delete the link {name}: below the folders of runs and stores none is followed. "
    "{option} itself may be a link.",
    errno.EISDIR: _AWAY,
    errno.ENOTDIR: _AWAY,
    errno.EINVAL: _AWAY,
    errno.EEXIST: _AWAY,
    errno.ENOTEMPTY: "Look into {name} and delete it yourself: something came into it.",
    errno.ENOENT: "{folder} was deleted or moved while it was in use, or a part of it: put it back "
    "or run again; no cell that is still stored is computed twice.",
}


def advice(error: OSError, folder: Path, option: str) -> str:
    """Return what to do about a refusal.

    Args:
        error: of the operating system.
        folder: the run's folder or the store, in which it happened.
        option: what chooses another folder: `--store` or `--runs`.
    """
    place = _place(error, folder)
    return _ADVICE.get(error.errno or 0, "Choose {another}.").format(
        name=_closed(Path(place)) if error.errno in (errno.EACCES, errno.EPERM) else place,
        folder=folder,
        option=option,
        another=f"another folder with {option} DIR or TASKS_{option[2:].upper()}",
    )


def store_explained(root: Path, verb: str = "written") -> AbstractContextManager[None]:
    """Turn a refusal in a store, every OSError, into a StoreError that says what to do."""
    return _explained(StoreError, "The store", root, verb, "--store")


def run_explained(what: str, folder: Path, verb: str = "written") -> AbstractContextManager[None]:
    """Turn a refusal in a run's folder, every OSError, into a RunError that says what to do."""
    return _explained(RunError, what, folder, verb, "--runs")


@contextmanager
def _explained(
    kind: type[StoreError | RunError], what: str, folder: Path, verb: str, option: str
) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise kind(
            f"{what} cannot be {verb}: {reason(error)}.",
            where=_place(error, folder),
            advice=advice(error, folder, option),
        ) from error


def reason(error: OSError) -> str:
    """Return the system's reason without a full stop."""
    return str(error.strerror or error).rstrip(".")


def _closed(path: Path) -> Path:
    """Return what must be opened to reach `path`: itself or a folder above it."""
    for above in reversed(path.parents):
        if not os.access(above, os.X_OK):
            return above
    may_be_made = path.exists() or os.access(path.parent, os.R_OK | os.W_OK)
    return path if may_be_made else path.parent


def _place(error: OSError, folder: Path) -> str:
    return str(folder) if error.filename is None else os.fsdecode(error.filename)
