"""Events: what happens in a run, for the journal and for whoever watches."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from taskspace.engine.own_files import open_own
from taskspace.engine.refusal import advice, reason
from taskspace.errors import RunError

Kind = Literal[
    "finding",
    "stage",
    "stored",
    "started",
    "done",
    "unsaved",
    "failed",
    "blocked",
    "damaged",
    "lost",
    "finished",
]


@dataclass(frozen=True)
class Event:
    """One thing that happened; `unsaved`, once a run, is a training without its checkpoints.

    Attributes:
        subject: the name of the stage or the cell; for `finding`: its code.
        count: for `stage`: its cells; for `stored`: how many of them are stored already.
        seconds: for `done`: the wall time of the cell.
    """

    kind: Kind
    subject: str
    key: str = ""
    message: str = ""
    count: int = 0
    seconds: float = 0.0


Listener: TypeAlias = Callable[[Event], None]


class EventJournal:
    """Events as JSON lines, each with its time (UTC); readable while the run goes on.

    Raises:
        RunError: if the disk is full or the file unwritable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # Without a buffer, closing has nothing left to write that could fail once more.
            self._file = open(  # noqa: PTH123, SIM115  a descriptor; closed by `close`
                open_own(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab", buffering=0
            )
        except OSError as error:
            raise self._refused(error) from error

    def __call__(self, event: Event) -> None:
        """Write one event.

        Raises:
            RunError: if the disk is full.
        """
        fields = {name: value for name, value in asdict(event).items() if value not in ("", 0, 0.0)}
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}
        text = json.dumps(line, ensure_ascii=False) + "\n"
        try:
            # A lone surrogate, from a file's name, becomes the escape that JSON has for it.
            self._file.write(text.encode("utf-8", errors="backslashreplace"))
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _refused(self, error: OSError) -> RunError:
        return RunError(
            f"The journal cannot be written: {reason(error)}.",
            where=str(self._path),
            advice=advice(error, self._path, "--runs"),
        )
