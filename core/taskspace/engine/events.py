"""Events: what happens in a run, for the journal and for whoever watches."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

Kind = Literal[
    "stage", "stored", "started", "done", "failed", "blocked", "damaged", "lost", "finished"
]


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        subject: the name of the stage or the cell.
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


class Journal:
    """Events as JSON lines, each with its time (UTC); readable while the run goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def __call__(self, event: Event) -> None:
        """Write one event."""
        fields = {name: value for name, value in asdict(event).items() if value not in ("", 0, 0.0)}
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
