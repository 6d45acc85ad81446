"""The process that speaks with ray: orders in, news out, as JSON lines.

It is a process of its own because ray changes the one that calls it: signal handlers, logging,
environment, the limit of open files; because ray prints; and because it ends its process when the
head of the cluster is lost.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Queue
from threading import Lock, Thread, Timer
from typing import Any

from taskspace.components import JSON
from taskspace.errors import ExecutorError
from taskspace_ray.surroundings import LAST_CALL_SECONDS

News = Mapping[str, JSON]


class Voice:
    """Says news to the crew, from any thread."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        self._lock = Lock()
        os.dup2(2, 1)  # what ray prints must not end up among the news

    def say(self, **news: JSON) -> None:
        """Write one line; nobody may be there to read it."""
        try:
            with self._lock:
                self._file.write(json.dumps(news) + "\n")
        except BrokenPipeError:
            os._exit(1)  # the run was killed


def main() -> None:
    """Serve until told to close, or until the run that started this process is gone."""
    voice = Voice()
    orders: Queue[dict[str, Any]] = Queue()
    Thread(target=_read, args=(orders,), daemon=True).start()
    from taskspace_ray.cluster import connected  # noqa: PLC0415  imports ray
    from taskspace_ray.tasks import Tasks  # noqa: PLC0415

    settings = orders.get()
    # Twice: a refusal must be out before ray shuts down, which may end this process.
    with _refusing(voice), connected(settings), _refusing(voice):
        Tasks(settings, orders, voice.say).serve()


@contextmanager
def _refusing(voice: Voice) -> Iterator[None]:
    """Say what cannot be done, and end."""
    try:
        yield
    except ExecutorError as error:
        voice.say(refusal={"what": error.what, "where": error.where, "advice": error.advice})
        sys.exit(1)


def _read(orders: Queue[dict[str, Any]]) -> None:
    # From the descriptor itself: a thread inside `sys.stdin` aborts the interpreter's shutdown.
    rest = b""
    while data := os.read(0, 1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            orders.put(json.loads(line))
    orders.put({"close": "now"})
    end = Timer(LAST_CALL_SECONDS, os._exit, (1,))
    end.daemon = True
    end.start()


if __name__ == "__main__":
    main()
