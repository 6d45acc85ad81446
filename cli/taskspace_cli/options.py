"""Options that several commands share: where and how things run, and `--json`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli.terminal.output import echo

if TYPE_CHECKING:
    from taskspace.engine.folders.rundir import RunFolder
    from taskspace.engine.run import Place
    from taskspace.registry import AllowedPlugins, Registry

JobFile = Annotated[Path, typer.Argument(metavar="JOB", help="The job file (YAML).")]
PluginName = Annotated[
    str, typer.Argument(metavar="NAME", help="`taskspace-weather`, or `weather` for short.")
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's name, or its job's.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, everything else on stderr.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a value: `solve.budgets='[2, 6]'`."),
]
StoreFolder = Annotated[
    Path,
    # Unreadable folders are explained where they are read, with what to do.
    typer.Option("--store", envvar="TASKS_STORE", readable=False, help="Folder of stored results."),
]
RunsFolder = Annotated[
    Path, typer.Option("--runs", envvar="TASKS_RUNS", readable=False, help="Folder of runs.")
]
ExecutorName = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="USE",
        envvar="TASKS_EXECUTOR",
        help="Executor: inline, local, '{use: ray, address: auto}', ...",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, envvar="TASKS_WORKERS", help="Number of workers; all CPUs by default."
    ),
]
Device = Annotated[
    str, typer.Option("--device", envvar="TASKS_DEVICE", help="cpu, cuda, cuda:1, ...")
]

Frozen = Annotated[
    bool | None,
    typer.Option(
        "--frozen/--no-frozen",
        help="Use pinned plugins only; also TASKS_FROZEN=1 or 0. Default under CI=true.",
    ),
]

STORE = Path(".taskspace/store")
RUNS = Path("runs")


def add_commands(app: typer.Typer, *commands: tuple[str, Callable[..., None]]) -> None:
    """Add commands to an app, each under the first word of its function's name.

    Args:
        commands: each with the example that its help ends with.
    """
    for example, command in commands:
        name = command.__name__.partition("_")[0]
        app.command(name, help=f"{command.__doc__}\n\nExample: `{example}`")(command)


_YES = frozenset({"1", "true", "t", "yes", "y", "on"})
_NO = frozenset({"0", "false", "f", "no", "n", "off"})


def load_registry(frozen: bool | None = None) -> Registry:
    """Return the registry that holds here, honouring `--no-plugins` and the environment.

    Args:
        frozen: what `--frozen` or `--no-frozen` said; None where neither was given.
    """
    from taskspace.registry import Registry  # noqa: PLC0415  for `--help`

    return Registry.under(allowed_plugins(frozen))


def allowed_plugins(frozen: bool | None) -> AllowedPlugins:
    """Return which plugins may be used.

    Raises:
        InputError: if TASKS_NO_PLUGINS or TASKS_FROZEN is neither yes nor no.
    """
    from taskspace.registry import AllowedPlugins  # noqa: PLC0415  for `--help`

    return AllowedPlugins(not _said("TASKS_NO_PLUGINS"), is_frozen(frozen), blocked_plugins())


def is_frozen(asked: bool | None) -> bool:
    """Return whether only pinned plugins are used: as asked, else TASKS_FROZEN, else under CI.

    Raises:
        InputError: if TASKS_FROZEN is neither yes nor no.
    """
    said = _said("TASKS_FROZEN") if asked is None else asked
    return os.environ.get("CI", "").lower() in ("true", "1") if said is None else said


def _said(name: str) -> bool | None:
    """Return what a variable says, yes or no, or None where it is empty or not there."""
    from taskspace.errors import InputError  # noqa: PLC0415  for `--help`

    text = os.environ.get(name, "")
    if not text:
        return None
    if text.lower() not in _YES | _NO:
        raise InputError(f"{name} is {text!r}; it must be 1 or 0.")
    return text.lower() in _YES


def blocked_plugins() -> tuple[str, ...]:
    """Return the plugins that TASKS_BLOCK_PLUGINS names, with commas between them."""
    named = os.environ.get("TASKS_BLOCK_PLUGINS", "").split(",")
    return tuple(name.strip() for name in named if name.strip())


def newest_run(runs: Path, name: str) -> RunFolder:
    """Return the run that a name means; of several runs of one job the newest, said on stderr.

    Raises:
        NotFound: if there is none, or the name is that of several jobs.
    """
    from taskspace.engine.folders.runs_folder import runs_named  # noqa: PLC0415  for `--help`

    newest, *others = runs_named(runs, name)
    if others:
        named = ", ".join(folder.name for folder in others[:8])
        echo(
            f"{name!r} means the newest of {len(others) + 1} runs, {newest.name}; "
            f"the others: {named}.",
            err=True,
        )
    return newest


def place(
    registry: Registry,
    store: Path,
    runs: Path,
    executor: str,
    workers: int | None,
    device: str,
) -> Place:
    """Return where and how a run is executed.

    Raises:
        JobInvalid: if there is no such executor, or it has no such parameters.
    """
    from taskspace.engine.run import Place  # noqa: PLC0415  for `--help`
    from taskspace.jobs import read_reference  # noqa: PLC0415

    return Place(
        store=store,
        runs=runs,
        executor=read_reference(executor, "executor", "--executor", registry),
        workers=workers,
        device=device,
    )
