"""Files that others may have replaced: by a pipe, which nobody ends, a device, a link, a folder."""

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


def open_regular(file: Path | str, flags: int = os.O_RDONLY, *, follow: bool = True) -> int:
    """Open a regular file without waiting for anything and return its descriptor.

    Args:
        file: its path; a new one gets the mode of any new file.
        flags: as of `os.open`.
        follow: whether it may be a link to one.

    Raises:
        OSError: if it cannot be opened or is none; `strerror` says what it is. ELOOP where it is a
            link that is not followed, EISDIR for a folder, EINVAL for the others.
    """
    # A pipe without O_NONBLOCK waits for its other end.
    more = os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(file, flags | more, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) and not follow:
            raise OSError(errno.ELOOP, "it is a link", str(file)) from error
        if error.errno == errno.ENXIO:  # a socket, or a pipe that nobody reads
            raise _no_file(Path(file).stat().st_mode, file) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    raise _no_file(mode, file)


def regular_stream(file: Path | str, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading; raises OSError as `open_regular` does."""
    return os.fdopen(open_regular(file, follow=follow), "rb")


def read_regular(file: Path | str, *, limit: int | None = None, follow: bool = True) -> bytes:
    """Return the content of a regular file.

    Args:
        file: its path.
        limit: the most bytes that it may have.
        follow: whether it may be a link to one.

    Raises:
        OSError: as `open_regular` does; EFBIG where it has more bytes.
    """
    with regular_stream(file, follow=follow) as stream:
        content = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(content) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes", str(file))
    return content


def _no_file(mode: int, file: Path | str) -> OSError:
    if stat.S_ISDIR(mode):
        return OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    kind = next((name for is_one, name in _KINDS if is_one(mode)), "something else")
    return OSError(errno.EINVAL, f"it is {kind}, not a file", str(file))
