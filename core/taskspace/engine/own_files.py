"""Files in runs and stores: no link below their folders leads out of them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from taskspace.whole_file import write_whole


def refuse_link(*folders: Path) -> None:
    """Refuse folders that are links: what is written below them would end up elsewhere.

    Raises:
        OSError: ELOOP, with the link as its file name.
    """
    for folder in folders:
        if folder.is_symlink():
            raise OSError(errno.ELOOP, "It is a link", str(folder))


def open_own(path: Path, flags: int) -> int:
    """Open a regular file and return its descriptor; `flags` as of `os.open`.

    Raises:
        OSError: also where it is a link (ELOOP) or no file (EISDIR, EINVAL).
    """
    # A FIFO without O_NONBLOCK waits for its other end.
    more = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(path, flags | more, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise OSError(errno.ELOOP, "It is a link", str(path)) from error
        raise
    mode = os.fstat(file).st_mode
    if stat.S_ISREG(mode):
        return file
    os.close(file)
    code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(code, "It is no regular file", str(path))


def read_own(path: Path) -> bytes:
    """Return the content of a regular file; raises OSError as `open_own` does."""
    with open(open_own(path, os.O_RDONLY), "rb") as file:
        return file.read()


def write_own(path: Path, content: bytes) -> None:
    """Replace a regular file whole or not at all, and have its owner able to read it again.

    Raises:
        OSError: also where something else is in its place.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None:
        if stat.S_ISLNK(mode):
            raise OSError(errno.ELOOP, "It is a link", str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EISDIR, "It is no regular file", str(path))
        if mode & 0o600 != 0o600:
            path.chmod(stat.S_IMODE(mode) | 0o600)
    write_whole(path, content)


def is_own_file(path: Path) -> bool:
    """Return whether there is a regular file; not where it is a link to one.

    Raises:
        OSError: if it cannot be seen.
    """
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_own_folder(path: Path) -> bool:
    """Return whether there is a folder; not where it is a link to one.

    Raises:
        OSError: if it cannot be seen.
    """
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
