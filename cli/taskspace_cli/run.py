"""`tasks run`, `train`, `transfer`, `solve`, `recommend`, `rerun`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taskspace.errors import InputError
from taskspace_cli import options
from taskspace_cli.options import (
    Device,
    ExecutorName,
    Frozen,
    JobFile,
    Json,
    Overrides,
    RunName,
    RunsFolder,
    StoreFolder,
    Workers,
)
from taskspace_cli.reporting import others_on_stderr, reported, warn
from taskspace_cli.terminal.display import print_tables, progress
from taskspace_cli.terminal.output import echo, echo_json

if TYPE_CHECKING:
    from taskspace.components import Failure
    from taskspace.engine.run import Place, RunOutcome
    from taskspace.jobs import LoadedJob
    from taskspace.registry import Registry

NAMED = 3
"""How many failed cells are named."""

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print what would be computed; compute nothing.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    table = "Decide which tasks to label: a taxonomy job, or a published table."
    for name, until, study, words in (
        ("run", None, None, "Run a job, or resume it where it stopped, and write its report."),
        ("train", "train", None, "Run a taxonomy job up to its task networks."),
        ("transfer", "transfer", None, "Run a taxonomy job up to its transfers and affinities."),
        ("solve", "solve", None, table),
        ("recommend", None, "recommend", "Measure which model to start from, and rank models."),
    ):
        shown = f"{words}\n\nExample: `tasks {name} job.yaml`"
        app.command(name, help=shown)(_command(until, study))
    options.add_commands(app, ("tasks rerun digits", rerun))


def _command(until: str | None, study: str | None) -> Any:
    @reported
    def command(
        job: JobFile,
        overrides: Overrides = None,
        executor: ExecutorName = "local",
        workers: Workers = None,
        device: Device = "cpu",
        store: StoreFolder = options.STORE,
        runs: RunsFolder = options.RUNS,
        frozen: Frozen = None,
        dry_run: DryRun = False,
        as_json: Json = False,
    ) -> None:
        from taskspace.jobs import load_job  # noqa: PLC0415  for `--help`

        registry = options.load_registry(frozen)
        with others_on_stderr():
            loaded = load_job(job, overrides=overrides or (), catalogue=registry)
        if study is not None and loaded.job.study != study:
            raise InputError(
                f"This is a {loaded.job.study} job, not one of the study {study!r}.",
                where=str(job),
                advice=f"`tasks run {job}` runs it.",
            )
        place = options.place(registry, store, runs, executor, workers, device)
        warn(registry, loaded, place.executor)
        if dry_run:
            _forecast(loaded, place, registry, until, as_json=as_json)
        else:
            _execute(loaded, place, registry, until, as_json=as_json)

    return command


@reported
def rerun(
    run: RunName,
    executor: ExecutorName = "local",
    workers: Workers = None,
    device: Device = "cpu",
    store: StoreFolder = options.STORE,
    runs: RunsFolder = options.RUNS,
    frozen: Frozen = None,
    as_json: Json = False,
) -> None:
    """Run the job of a run again; stored results are reused."""
    from taskspace.engine.folders.run_files import MANIFEST  # noqa: PLC0415  for `--help`
    from taskspace.jobs import load_job  # noqa: PLC0415

    registry = options.load_registry(frozen)
    document = options.newest_run(runs, run).read_json(MANIFEST)["job"]
    with others_on_stderr():
        loaded = load_job(document, catalogue=registry)
    place = options.place(registry, store, runs, executor, workers, device)
    warn(registry, loaded, place.executor)
    _execute(loaded, place, registry, None, as_json=as_json)


def _execute(
    loaded: LoadedJob, place: Place, registry: Registry, until: str | None, *, as_json: bool
) -> None:
    from taskspace.engine.run import execute  # noqa: PLC0415  for `--help`
    from taskspace.report import write_run_report  # noqa: PLC0415

    with others_on_stderr():
        with progress(quiet=as_json) as listener:
            outcome = execute(loaded, place, registry, until=until, listeners=(listener,))
        page = write_run_report(outcome.folder, registry)
    if as_json:
        echo_json(outcome.result)
    else:
        _conclude(outcome, page)
    if not outcome.answer.solved or outcome.answer.failures:
        raise typer.Exit(1)


def _conclude(outcome: RunOutcome, page: Path) -> None:
    print_tables(outcome.answer.tables, outcome.answer.findings)
    echo(
        f"{_cells(outcome.computed)} computed, {outcome.stored} stored already, "
        f"{outcome.seconds:.1f} s."
    )
    echo(f"Report: {page}")
    if outcome.answer.failures:
        echo(_stopped(outcome.answer.failures), err=True)


def _stopped(failures: Sequence[Failure]) -> str:
    """Return how many cells have no result; the reasons were told when they were met."""
    first = [each for each in failures if each.blocked_by is None]
    reasons, names = len({each.message for each in first}), [each.cell.name for each in first]
    named = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    why = "the reason" if reasons == 1 else f"the {reasons} reasons"
    blocked = len(failures) - len(first)
    waited = f", and {_cells(blocked)} that need{'s' * (blocked == 1)} them" if blocked else ""
    return f"Failed: {_cells(len(first))} for {why} above ({named}){waited}. The report lists all."


def _cells(count: int) -> str:
    return f"{count} cell{'s' * (count != 1)}"


def _forecast(
    loaded: LoadedJob, place: Place, registry: Registry, until: str | None, *, as_json: bool
) -> None:
    from taskspace.engine.forecast import forecast  # noqa: PLC0415  for `--help`

    with others_on_stderr():
        plan = forecast(loaded, place, registry, until=until)
    if as_json:
        record: dict[str, Any] = {
            "cells": [
                {"stage": stage, "name": cell.name, "key": cell.key, "stored": stored}
                for stage, cell, stored in plan.cells
            ],
            "upcoming": dict(plan.upcoming),
            "seconds": plan.seconds,
            "bytes": plan.bytes,
            "findings": [finding.as_json() for finding in plan.findings],
        }
        echo_json(record)
        return
    for finding in plan.findings:
        echo(finding.line(), err=True)
    for stage, cell, stored in plan.cells:
        echo(f"{stage:10} {'stored ' if stored else 'compute'} {cell.name}")
    for what, count in plan.upcoming.items():
        echo(f"then       about {count} {what}, chosen from what these measure")
    cost = "unknown: nothing like it was computed here"
    if plan.seconds is not None and plan.bytes is not None:
        cost = f"about {plan.seconds:.0f} s of one worker and {plan.bytes / 1e6:.1f} MB"
    echo(f"{plan.missing} of {len(plan.cells)} known cells to compute; {cost}.")
