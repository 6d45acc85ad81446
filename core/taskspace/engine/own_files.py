"""Files in runs and stores: no link below their folders leads out of them."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from taskspace.regular_file import open_regular, read_regular
from taskspace.whole_file import write_whole


def refuse_link(*folders: Path) -> None:
    """Refuse folders that are links: what is written below them would end up elsewhere.

    Raises:
        OSError: ELOOP, with the link as its file name.
    """
    for folder in folders:
        if folder.is_symlink():
            raise OSError(errno.ELOOP, "it is a link", str(folder))


def open_own(path: Path, flags: int) -> int:
    """Open a regular file, not a link to one; `flags` and errors as of `open_regular`."""
    return open_regular(path, flags, follow=False)


def read_own(path: Path) -> bytes:
    """Return the content of a regular file, not of a link to one; raises OSError."""
    return read_regular(path, follow=False)


def write_own(path: Path, content: bytes) -> None:
    """Replace a regular file whole or not at all, and have its owner able to read it again.

    Raises:
        OSError: also where something else is in its place.
    """
    mode = _mode(path)
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "it is a link", str(path))
    if mode and not stat.S_ISREG(mode):
        raise OSError(errno.EISDIR, "it is not a file", str(path))
    if mode and mode & 0o600 != 0o600:
        path.chmod(stat.S_IMODE(mode) | 0o600)
    write_whole(path, content)


def is_own_file(path: Path) -> bool:
    """Return whether there is a regular file, not a link to one; raises OSError if unseen."""
    return stat.S_ISREG(_mode(path))


def is_own_folder(path: Path) -> bool:
    """Return whether there is a folder, not a link to one; raises OSError if unseen."""
    return stat.S_ISDIR(_mode(path))


def _mode(path: Path) -> int:
    """Return what is at a path, links not followed; 0 where nothing is."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
