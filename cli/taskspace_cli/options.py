"""Options that several commands share: where and how things run, and `--json`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from taskspace.engine.run import Place
    from taskspace.registry import Registry

JobFile = Annotated[Path, typer.Argument(metavar="JOB", help="The job file (YAML).")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name, or how it begins.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, all else on stderr.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a value: `solve.budgets='[2, 6]'`."),
]
StoreFolder = Annotated[
    Path, typer.Option("--store", envvar="TASKS_STORE", help="Where results of cells are kept.")
]
RunsFolder = Annotated[
    Path, typer.Option("--runs", envvar="TASKS_RUNS", help="Where runs have their folders.")
]
ExecutorName = Annotated[
    str,
    typer.Option("--executor", envvar="TASKS_EXECUTOR", help="Who computes: inline, local, ..."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, envvar="TASKS_WORKERS", help="How many at once; all CPUs if not said."
    ),
]
Device = Annotated[
    str, typer.Option("--device", envvar="TASKS_DEVICE", help="cpu, cuda, cuda:1, ...")
]

STORE = Path(".taskspace/store")
RUNS = Path("runs")


def load_registry() -> Registry:
    """Return the registry that holds here, honouring `--no-plugins`."""
    from taskspace.registry import Registry  # noqa: PLC0415  for `--help`

    return Registry.load(plugins=plugins_allowed())


def plugins_allowed() -> bool:
    """Return whether third-party plugins may be used."""
    return not os.environ.get("TASKS_NO_PLUGINS")


def place(
    store: Path,
    runs: Path,
    executor: str = "local",
    workers: int | None = None,
    device: str = "cpu",
) -> Place:
    """Return where and how a run is executed."""
    from taskspace.components import ComponentSpec  # noqa: PLC0415  for `--help`
    from taskspace.engine.run import Place  # noqa: PLC0415

    return Place(
        store=store,
        runs=runs,
        executor=ComponentSpec("executor", executor),
        workers=workers,
        device=device,
        plugins=plugins_allowed(),
    )
