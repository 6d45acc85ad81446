"""Executors: where the cells of a run are computed."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from taskspace.components.base import JSON, Component
from taskspace.components.exchanged.cell import Cell, Workplace
from taskspace.python_process import import_isolation

_KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


def worker_environment() -> dict[str, str]:
    """Return what an executor sets in the environment of a worker before it starts.

    A worker imports nothing from its working directory, which is the user's. It has one thread
    unless a cell asks for more. What it frees it keeps for what it does
    next, where the C library is glibc and the user has not said otherwise: every step of a training
    takes the same hundreds of megabytes, and to have them cleared by the system each time took a
    third of a run of ten convolutional experts (docs/architecture.md).
    """
    memory = {name: value for name, value in _KEPT_MEMORY.items() if name not in os.environ}
    return {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", **memory, **import_isolation()}


@dataclass(frozen=True)
class Assignment:
    """Cells that one worker computes together."""

    number: int
    cells: tuple[Cell, ...]

    def as_json(self) -> dict[str, JSON]:
        """Return the assignment as it travels; `Assignment.from_json` reads it."""
        return {"number": self.number, "cells": [cell.as_json() for cell in self.cells]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Assignment:
        """Return the assignment that `as_json` wrote."""
        return cls(data["number"], tuple(Cell.from_json(cell) for cell in data["cells"]))


@dataclass(frozen=True)
class Report:
    """News of one cell from a worker.

    Attributes:
        event: `done`, `failed` (the cell's own fault), `damaged` (an input must be
            computed again), `lost` (the worker died) or `refused` (the place is wrong: disk full,
            another registry), which ends the run.
        message: for `failed`, `lost` and `refused`: what happened. For `damaged`: the input's key.
            For `done`: why no checkpoint of the cell could be written, if so.
        seconds: the wall time that the cell took, for `done`.
    """

    event: Literal["done", "failed", "damaged", "lost", "refused"]
    assignment: int
    key: str
    message: str = ""
    seconds: float = 0.0


class Crew(ABC):
    """Workers that are ready to compute; made by `Executor.open`."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Return how many assignments can be under way at once."""

    @abstractmethod
    def submit(self, assignment: Assignment) -> None:
        """Start an assignment; call only while fewer than `size` are under way."""

    @abstractmethod
    def reports(self, timeout: float) -> Sequence[Report]:
        """Return the news since the last call; waits at most `timeout` seconds for some.

        Every cell of an assignment gets exactly one report.
        """

    @abstractmethod
    def close(self, *, now: bool = False) -> None:
        """Let the workers go, and return when they are gone; a second call does nothing.

        By default nothing is under way, and nothing of the workers survives. With `now`, what is
        under way is given up, softly and then hard:

        1. each cell is interrupted: `KeyboardInterrupt` is raised in it, also where it waits, so
           that its `finally` clauses run, solvers' processes end and half-written files go;
        2. what still runs after a grace period of a few seconds is killed, with the processes
           that it has started. Ctrl-C within the grace period ends that period.
        """


class Executor(Component):
    """A way to compute cells; one contract suite holds for all (tests/contract).

    Retries are the engine's: a cell whose worker is lost is reported as `lost`, once.
    """

    kind: ClassVar[str] = "executor"

    @abstractmethod
    def open(self, workplace: Workplace, workers: int | None) -> Crew:
        """Start workers (None: as many as is sensible here).

        Raises:
            ExecutorError: if they cannot be started.
        """
