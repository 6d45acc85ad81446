"""Executing a job: the study's stages through the scheduler into a run's folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from taskspace.components import (
    Answer,
    ComponentSpec,
    Executor,
    Outcomes,
    Stage,
    Study,
    Workplace,
)
from taskspace.engine.data_findings import with_findings
from taskspace.engine.events import Event, EventJournal, Listener
from taskspace.engine.folders.manifest import manifest_of
from taskspace.engine.folders.run_files import JOURNAL, MANIFEST, RESULT
from taskspace.engine.folders.rundir import RunFolder
from taskspace.engine.keys import digest
from taskspace.engine.planner import KeyedPlanner
from taskspace.engine.scheduler import Scheduler
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.storelock import Held, shared
from taskspace.engine.worker import PERFORM
from taskspace.errors import DataError, InputError, RunInterrupted
from taskspace.jobs import LoadedJob, check_components
from taskspace.registry import Registry


@dataclass(frozen=True)
class Place:
    """Where and how a run is executed: never part of the job, never part of a key."""

    store: Path = Path(".taskspace/store")
    runs: Path = Path("runs")
    executor: ComponentSpec = field(default_factory=lambda: ComponentSpec("executor", "local"))
    workers: int | None = None
    device: str = "cpu"
    directory: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True)
class RunOutcome:
    """A run that came to its end; `computed` and `stored` count cells.

    `result` is the answer's, with its findings: what `result.json` holds.
    """

    folder: RunFolder
    answer: Answer
    result: Mapping[str, Any]
    computed: int
    stored: int
    seconds: float


def run_folder(loaded: LoadedJob, place: Place) -> RunFolder:
    """Return the folder of a job's run: the same for the same job, so that it is resumed."""
    return RunFolder(place.runs / f"{loaded.job.name}-{digest(loaded.document)[:8]}")


def study_of(loaded: LoadedJob, registry: Registry, until: str | None) -> Study:
    """Return the study that the job is of.

    Raises:
        InputError: if it has no stage `until`.
    """
    study = registry.component(ComponentSpec("study", loaded.job.study))
    if not isinstance(study, Study):
        raise TypeError(f"{loaded.job.study!r} is not a study.")
    if until is not None and until not in study.stage_names:
        raise InputError(
            f"The study {study.name!r} has no stage {until!r}; it has "
            f"{', '.join(study.stage_names)}.",
            advice="`tasks run JOB` runs all of them.",
        )
    return study


def execute(
    loaded: LoadedJob,
    place: Place,
    registry: Registry,
    *,
    until: str | None = None,
    listeners: tuple[Listener, ...] = (),
) -> RunOutcome:
    """Execute a job, or as much of it as is not stored yet, up to the stage `until`.

    Raises:
        JobInvalid: if a component refuses its parameters.
        RunLocked: if another process executes it.
        StoreError: if the store cannot be written; what was computed is kept.
        RunInterrupted: on Ctrl-C; what was computed is kept.
    """
    check_components(loaded, registry)
    study = study_of(loaded, registry, until)
    executor = registry.component(place.executor)
    if not isinstance(executor, Executor):
        raise TypeError(f"{place.executor.name!r} is not an executor.")
    store = Store(place.store.resolve())
    store.prepare()
    folder = run_folder(loaded, place)
    started = time.monotonic()
    with folder.locked(), shared(store, folder.path) as held:
        manifest = manifest_of(loaded, registry, place.executor, place.workers, place.device)
        manifest["attempts"] = folder.attempts()
        folder.write_json(MANIFEST, manifest | {"state": "running"})
        counter = _Counter()
        with closing(EventJournal(folder.path / JOURNAL)) as journal:
            open_crew = partial(executor.open, _workplace(store, place, registry), place.workers)
            everyone: tuple[Listener, ...] = (journal, counter, *listeners)

            def tell(event: Event) -> None:
                for listener in everyone:
                    listener(event)

            planner = KeyedPlanner(registry)
            stages = study.stages(loaded.job, planner, until)
            try:
                with Scheduler(store, open_crew, tell) as scheduler:
                    answer = _drive(stages, scheduler, folder, held, partial(_warn, planner, tell))
                    answer = with_findings(answer, planner.findings())
                    scheduler.conclude()
                    if counter.done:
                        _refuse_changes(planner, scheduler)
            except KeyboardInterrupt:
                folder.write_json(MANIFEST, manifest | {"state": "interrupted"})
                raise RunInterrupted(
                    f"Stopped; {counter.done} cells were computed and are kept.",
                    where=str(folder.path),
                    advice="The same command goes on from here.",
                ) from None
            tell(Event("finished", loaded.job.name))
        seconds = time.monotonic() - started
        result = answer.result_json()
        folder.write_json(RESULT, result)
        folder.write_arrays(answer.artifacts)
        end = {
            "state": _state(study, answer, until),
            "until": until,
            "attempts": [
                *manifest["attempts"],
                {
                    "started": manifest["started"],
                    "seconds": round(seconds, 3),
                    "computed": counter.done,
                    "stored": counter.stored,
                    "cells": counter.seconds,
                },
            ],
            "failures": [
                {"cell": failure.cell.name, "key": failure.cell.key, "message": failure.message}
                for failure in answer.failures
            ],
        }
        folder.write_json(MANIFEST, manifest | end)
        folder.conclude()
    return RunOutcome(folder, answer, result, counter.done, counter.stored, seconds)


def _state(study: Study, answer: Answer, until: str | None) -> str:
    if answer.failures:
        return "incomplete"
    return "complete" if until in (None, study.stage_names[-1]) else f"to {until}"


def _drive(
    stages: Generator[Stage, Outcomes, Answer],
    scheduler: Scheduler,
    folder: RunFolder,
    held: Held,
    planned: Callable[[], None],
) -> Answer:
    """Send each stage to the scheduler and its outcomes back, until there is an answer.

    Args:
        planned: called once the first stage is known, before its cells run.

    Raises:
        StoreError: if the store was deleted, moved or replaced meanwhile.
    """
    try:
        stage = next(stages)
        planned()
        while True:
            folder.needs(cell.key for cell in stage.cells)
            scheduler.run(stage.name, stage.cells)
            held.refuse_moved()
            stage = stages.send(scheduler.outcomes())
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def _warn(planner: KeyedPlanner, tell: Listener) -> None:
    """Tell what the datasets say, while nothing is computed yet and the run can be stopped."""
    for finding in planner.findings():
        if finding.tone != "note":
            tell(Event("finding", finding.code, message=finding.line()))


def _refuse_changes(planner: KeyedPlanner, scheduler: Scheduler) -> None:
    """Take back what was computed from data that changed while the run read it.

    Raises:
        DataError: if any did.
    """
    changed = planner.changed()
    if changed:
        count = scheduler.retract([component.spec() for component in changed])
        names = ", ".join(f"{component.kind} {component.name!r}" for component in changed)
        raise DataError(
            f"The {names} changed while the run was under way; {count} results that were computed "
            "from it are taken back.",
            advice="Run again, and change nothing while a run is under way.",
        )


def _workplace(store: Store, place: Place, registry: Registry) -> Workplace:
    return Workplace(
        store=store.root,
        device=place.device,
        perform=PERFORM,
        registry=registry.digest,
        directory=place.directory.resolve(),
        **asdict(registry.allowed),
    )


class _Counter:
    """Counts what was computed and what was stored, and adds up seconds by kind of cell."""

    def __init__(self) -> None:
        self.done = 0
        self.stored = 0
        self.seconds: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        if event.kind == "done":
            self.done += 1
            kind = event.subject.partition("/")[0]
            self.seconds[kind] = round(self.seconds.get(kind, 0.0) + event.seconds, 3)
        elif event.kind == "stored":
            self.stored += event.count
