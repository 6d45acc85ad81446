"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, content: bytes, *, durable: bool = False) -> None:
    """Replace a file at once: whoever reads it, or kills this process, finds the old or the new.

    Args:
        file: in a folder that is there.
        content: all of it.
        durable: whether to wait until it is on the disk.

    Raises:
        OSError: if it cannot be written; it is then as it was.
    """
    mode = file.stat().st_mode & 0o7777 if file.exists() else None
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        if mode is not None:
            Path(draft).chmod(mode)
        Path(draft).replace(file)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
