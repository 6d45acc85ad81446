"""Files of users, among which pipes, devices and sockets may lie: reading those would never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(file: Path) -> BinaryIO:
    """Open a file for reading; what is none is not opened, since that alone may block.

    Raises:
        OSError: if it cannot be opened; its `strerror` says what it is where it is no file.
    """
    _refuse_special(file.stat().st_mode, file)
    # It may be another thing by now.
    stream = os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    try:
        _refuse_special(os.fstat(stream.fileno()).st_mode, file)
    except OSError:
        stream.close()
        raise
    return stream


def read_regular(file: Path) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: as `open_regular` does.
    """
    with open_regular(file) as stream:
        return stream.read()


def _refuse_special(mode: int, file: Path) -> None:
    for is_one, name in _KINDS:
        if is_one(mode):
            raise OSError(errno.EINVAL, f"this is {name}, not a file", str(file))
