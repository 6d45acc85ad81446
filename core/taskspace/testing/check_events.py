"""The events that the child process of `plugin` reports, line by line, read within bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from taskspace.python_process import ending
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.processes.supervised import Supervised

POLL_SECONDS = 0.05
CHUNK_BYTES = 1 << 16
EVENTS_BYTES = 10_000_000
"""Of one child; the kit on all of the built-ins takes 100,000."""


class EventsEnded(Exception):
    """There are no more usable events; the message is a sentence on why."""


def events(file: Path, child: Supervised, seconds: float) -> Iterator[object]:
    """Yield the events that a child process writes to a file.

    Args:
        file: which is there already.
        child: that writes it.
        seconds: how long it may report nothing.

    Raises:
        EventsEnded: when it has ended, reports nothing for too long, or reports what is no JSON.
    """
    with file.open("rb") as stream:
        last_event, rest, total = time.monotonic(), b"", 0
        while True:
            ended = child.wait(0.0)
            chunk = stream.read(CHUNK_BYTES)
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(_event, lines)
            total += len(chunk)
            if total > EVENTS_BYTES:
                raise EventsEnded(f"It reported more than {EVENTS_BYTES / 1e6:g} MB of events.")
            if chunk:
                last_event = time.monotonic()
            elif ended is not None:
                raise EventsEnded(f"It ended the process ({ending(ended)}).")
            elif time.monotonic() - last_event > seconds:
                raise EventsEnded(f"It took more than {seconds:g} s.")
            else:
                child.wait(POLL_SECONDS)


def _event(line: bytes) -> object:
    try:
        return parsed(line)
    except ValueError as error:
        raise EventsEnded(f"An event that it reported cannot be read: {error}.") from error
