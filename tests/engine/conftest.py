"""A store, a registry and a scheduler over real executors, with cells of `engine_cells`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from taskspace.components import Cell, CellFunction, ComponentSpec, Workplace
from taskspace.engine.events import Event
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.scheduler import Scheduler
from taskspace.engine.storage.store import Store
from taskspace.engine.worker import PERFORM
from taskspace.registry import Registry

HERE = str(Path(__file__).parent)
REGISTRY = Registry.load(plugins=False)


class Bench:
    """What a test of the engine works with."""

    def __init__(self, root: Path, executor: str, workers: int = 2) -> None:
        self.store = Store(root / "store")
        self.store.prepare()
        self.notes = root / "notes"
        self.notes.mkdir()
        self.directory = root
        self.executor = REGISTRY.component(ComponentSpec("executor", executor))
        self.workers = workers
        self.planner = KeyedPlanner(REGISTRY)
        self.events: list[Event] = []
        self.listeners = [self.events.append]

    def cell(self, name: str, function: str = "add", *, batch: str | None = None, **given) -> Cell:
        inputs = {f"in{i}": cell for i, cell in enumerate(given.pop("inputs", ()))}
        batched = function in {"add_all", "raise_midway", "interrupted_all"}
        return self.planner.cell(
            name,
            CellFunction(f"engine_cells:{function}", 1, batched=batched),
            parameters={"plus": 1} | given,
            inputs=inputs,
            batch=batch,
        )

    def run(self, *stages: list[Cell]) -> dict:
        """Run the stages with a fresh scheduler and return the outcomes."""
        with self.scheduler() as scheduler:
            for number, cells in enumerate(stages):
                scheduler.run(f"stage {number}", cells)
            return scheduler.outcomes()

    def scheduler(self) -> Scheduler:
        place = Workplace(
            self.store.root, "cpu", PERFORM, REGISTRY.digest, self.directory, plugins=False
        )
        return Scheduler(self.store, partial(self.executor.open, place, self.workers), self._tell)

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def times_run(self, name: str) -> int:
        return len(list(self.notes.glob(f"{name.replace('/', '_')}--*")))

    def told(self, kind: str) -> list[str]:
        return [event.subject for event in self.events if event.kind == kind]


@pytest.fixture(params=["inline", "local"])
def bench(request, tmp_path, monkeypatch) -> Iterator[Bench]:
    yield _bench(request.param, tmp_path, monkeypatch)


@pytest.fixture
def local(tmp_path, monkeypatch) -> Iterator[Bench]:
    yield _bench("local", tmp_path, monkeypatch)


@pytest.fixture
def inline(tmp_path, monkeypatch) -> Iterator[Bench]:
    yield _bench("inline", tmp_path, monkeypatch)


def _bench(executor: str, root: Path, monkeypatch) -> Bench:
    made = Bench(root, executor)
    monkeypatch.setenv("ENGINE_TEST_NOTES", str(made.notes))
    monkeypatch.setenv("PYTHONPATH", HERE + os.pathsep + os.environ.get("PYTHONPATH", ""))
    monkeypatch.syspath_prepend(HERE)
    return made
