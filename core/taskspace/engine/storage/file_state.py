"""Whether a file is still what it was when it was verified, without reading it again."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class FileState:
    """What the system notes of a file.

    Attributes:
        written: bytes, and when its content last changed as far as a program did not set it
            otherwise (nanoseconds).
        changed: when its content or its metadata last changed (nanoseconds); no program can set it.
        metadata: mode, owner, group and number of names.
    """

    written: tuple[int, int]
    changed: int
    metadata: tuple[int, int, int, int]

    @classmethod
    def of(cls, status: os.stat_result) -> FileState:
        """Return the state that a status describes."""
        return cls(
            (status.st_size, status.st_mtime_ns),
            status.st_ctime_ns,
            (status.st_mode, status.st_uid, status.st_gid, status.st_nlink),
        )

    def only_metadata_differs(self, other: FileState) -> bool:
        """Return whether a new mode, owner or name explains that `changed` differs.

        A backup by hard links or `chmod -R` must not cost a night's work. What differs without
        such a reason was written to, though its time may say otherwise.
        """
        return self.written == other.written and self.metadata != other.metadata
