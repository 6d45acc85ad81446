"""The process behind `local`: assignments in, reports out, as JSON lines."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from queue import Queue
from threading import Thread
from typing import IO

from taskspace.components import Assignment, Workplace


def main() -> None:
    """Serve until told to end; leave at once when the run that started this process is gone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a component prints must not end up among the answers
    orders: Queue[bytes] = Queue()
    Thread(target=_read, args=(sys.stdin.buffer, orders), daemon=True).start()
    workplace = Workplace.from_json(json.loads(orders.get()))
    module, _, function = workplace.perform.partition(":")
    perform = getattr(import_module(module), function)
    while "end" not in (order := json.loads(orders.get())):
        for report in perform(Assignment.from_json(order), workplace):
            answers.write(json.dumps(asdict(report)) + "\n")


def _read(orders_in: IO[bytes], orders: Queue[bytes]) -> None:
    ending = False
    for line in orders_in:
        ending = b'"end"' in line[:8]
        orders.put(line)
    if not ending:
        os._exit(1)  # the run was killed: nobody waits for an answer


if __name__ == "__main__":
    main()
