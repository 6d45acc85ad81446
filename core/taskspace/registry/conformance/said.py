"""What the child process of `plugin` tells of its checks, line by line, believed within bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskspace.python_process import ending
from taskspace.registry.conformance.inventory import INVENTORY
from taskspace.registry.described import COMPONENTS
from taskspace.registry.strict_json import parsed
from taskspace.registry.supervised import Supervised

POLL_SECONDS = 0.05
CHUNK_BYTES = 1 << 16
EVENTS_BYTES = 10_000_000
"""Of one child; the kit on all of the built-ins takes 100,000."""

STATUSES = ("passed", "failed", "skipped", "excused")


class Silence(Exception):
    """The child has nothing more to say that could be used; the message is a sentence on why."""


def events(file: Path, child: Supervised, seconds: float) -> Iterator[Mapping[str, Any]]:
    """Yield the events that a child process writes to a file.

    Args:
        file: which is there already.
        child: that writes it.
        seconds: how long it may be silent.

    Raises:
        Silence: when it has ended, is silent for too long, or tells what is no event.
    """
    with file.open("rb") as stream:
        heard, rest, total = time.monotonic(), b"", 0
        while True:
            ended = child.wait(0.0)
            said = stream.read(CHUNK_BYTES)
            *lines, rest = (rest + said).split(b"\n")
            yield from map(_event, lines)
            total += len(said)
            if total > EVENTS_BYTES:
                raise Silence(f"It says more than {EVENTS_BYTES / 1e6:g} MB of its checks.")
            if said:
                heard = time.monotonic()
            elif ended is not None:
                raise Silence(f"It ended the process ({ending(ended)}).")
            elif time.monotonic() - heard > seconds:
                raise Silence(f"It took more than {seconds:g} s.")
            else:
                child.wait(POLL_SECONDS)


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        event: dict[str, Any] = parsed(line)
    except ValueError as error:
        raise Silence(f"What it says of its checks cannot be read: {error}.") from error
    match event:
        case {"event": "components", "components": list(names)} if _are_components(names):
            return event
        case {"event": "start", "component": str(), "check": str()}:
            return event
        case {"event": "outcome", "component": str(), "check": str(), "reason": str()} if (
            event.get("status") in STATUSES
        ):
            return event
        case {"event": "failure", "reason": str()} | {"event": "end"}:
            return event
    raise Silence("What it says of its checks is nothing that a check says.")


def _are_components(names: list[Any]) -> bool:
    return len(names) <= COMPONENTS and all(
        isinstance(name, str) and name.partition(":")[0] in INVENTORY for name in names
    )
