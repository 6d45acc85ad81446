"""The process behind `local`: assignments in, reports out, as JSON lines."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from pkgutil import resolve_name
from queue import Queue
from threading import Thread

from taskspace.components import Assignment, Workplace

READY = b"ready"
"""The first line of a worker, when it could import what it needs."""


INTERRUPTED = 128 + signal.SIGINT


def main() -> None:
    """Serve until told to end or interrupted; leave when the run that started it is gone."""
    # Whoever starts a run in the background of a shell has SIGINT ignored, and passes that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _serve()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a component prints must not end up among the answers
    orders: Queue[bytes] = Queue()
    Thread(target=_read, args=(orders,), daemon=True).start()
    workplace = Workplace.from_json(json.loads(orders.get()))
    perform = resolve_name(workplace.perform)
    answers.write(READY.decode() + "\n")
    while "end" not in (order := json.loads(orders.get())):
        for report in perform(Assignment.from_json(order), workplace):
            answers.write(json.dumps(asdict(report)) + "\n")


def _read(orders: Queue[bytes]) -> None:
    # From the descriptor itself: a thread inside `sys.stdin` aborts the interpreter's shutdown.
    rest, ending = b"", False
    while data := os.read(0, 1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            ending = b'"end"' in line[:8]
            orders.put(line)
    if not ending:
        # The run was killed: nobody waits for an answer, nor for what a cell has started.
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
