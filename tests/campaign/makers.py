"""The processes that make the tries."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from catalogue import KINDS, Kind, load_kinds
from scene import Fault, Scene, Stage, descendants

LONGEST = 200.0
"""Seconds after which a try hangs."""


@dataclass(frozen=True)
class Outcome:
    """How a draw ended: as `tries` that held, or with a fault."""

    kind: str
    number: int
    tries: int
    fault: str | None
    seconds: float


class Maker:
    """A process that makes tries; one that hangs is replaced."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed, self.count = folder, seed, 0
        self.since: float | None = None
        self.draw: tuple[Kind, int] | None = None
        self._start()

    def _start(self) -> None:
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir(parents=True)
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_make, args=(theirs, place, self.seed), daemon=False)
        self.process.start()
        theirs.close()

    def give(self, draw: tuple[Kind, int]) -> None:
        """Hand it a try."""
        self.draw, self.since = draw, time.monotonic()
        self.pipe.send((draw[0].name, draw[1]))

    def outcome(self) -> Outcome | None:
        """Return what came of its try, None as long as that is open."""
        assert self.draw is not None and self.since is not None
        kind, number = self.draw
        took = time.monotonic() - self.since
        try:
            if self.pipe.poll(0.02):
                held, fault = self.pipe.recv()
                return Outcome(kind.name, number, held, fault, took)
        except (EOFError, ConnectionResetError):
            self._start()
            return Outcome(kind.name, number, 1, "the campaign's own process died", took)
        if took > LONGEST:
            self._kill()
            self._start()
            return Outcome(kind.name, number, 1, f"nothing for {LONGEST:.0f} s", took)
        return None

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self.pipe.send(None)
            self.process.join(30)
        self._kill()

    def _kill(self) -> None:
        """Kill it, and the commands that it has started."""
        for number in [*descendants(self.process.pid or 0), self.process.pid or 0]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def spread(crew: list[Maker], draws: Iterator[tuple[Kind, int]], until: float) -> Iterator[Outcome]:
    """Yield outcomes in the order in which they come."""
    busy: list[Maker] = []
    exhausted = False
    try:
        while busy or not exhausted:
            for maker in crew:
                if maker not in busy and not exhausted:
                    draw = next(draws, None) if time.monotonic() < until else None
                    if draw is None:
                        exhausted = True
                    else:
                        maker.give(draw)
                        busy.append(maker)
            for maker in list(busy):
                outcome = maker.outcome()
                if outcome is not None:
                    busy.remove(maker)
                    yield outcome
    finally:
        for maker in crew:
            maker.close()


def _make(pipe: Connection, root: Path, seed: int) -> None:
    """Make tries as they are asked for, each in a folder and with chance of its own."""
    load_kinds()
    stage = Stage(root)
    kinds = {kind.name: kind for kind in KINDS}
    while (draw := pipe.recv()) is not None:
        name, number = draw
        folder = root / f"{name}-{number}"
        folder.mkdir()
        scene = Scene(stage, random.Random(f"{seed} {name} {number}"), folder)
        try:
            pipe.send((kinds[name].attempt(scene) or 1, None))
        except Fault as fault:
            pipe.send((1, str(fault)))
        except Exception:  # noqa: BLE001  whatever it is, the other tries go on
            pipe.send((1, traceback.format_exc()))
        shutil.rmtree(folder, ignore_errors=True)
    stage.forks.close()
