"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path


def write_whole(file: Path, content: bytes, *, durable: bool = False) -> None:
    """Replace a file at once: whoever reads it, or kills this process, finds the old or the new.

    A file that is there keeps its mode; a new one has that of any new file. What is there and is no
    file, a pipe or a device, is written to and stays what it is.

    Args:
        file: in a folder that is there.
        content: all of it.
        durable: whether to wait until it is on the disk.

    Raises:
        OSError: if it cannot be written; it is then as it was.
    """
    if file.exists() and not file.is_file():
        # A pipe that nobody reads is refused, not waited for.
        descriptor = os.open(file, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        return
    draft = file.with_name(f".{file.name}-{uuid.uuid4().hex}")
    try:
        with draft.open("xb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        if file.exists():
            draft.chmod(file.stat().st_mode & 0o7777)
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        # The draft is nothing that the user has named.
        error.filename, error.filename2 = str(file), None
        raise
