"""`tasks plugin add`, `remove`, `enable`, `disable`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Frozen, Json, PluginName
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.output import answer, echo, echo_json

if TYPE_CHECKING:
    from taskspace.installer import Proposal

_RIGHTS = (
    "A plugin runs with your rights. The hash proves that its files stay these; it does not prove "
    "that they are harmless."
)


@reported
def add(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="./FOLDER, FILE.whl, git+URL@COMMIT, NAME==VERSION, or `weather` for the newest "
            "taskspace-weather.",
        ),
    ],
    editable: Annotated[
        bool,
        typer.Option("--editable", "-e", help="Use the folder itself: it may change at any time."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask; without a terminal nobody is asked.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")
    ] = False,
    frozen: Frozen = None,
    as_json: Json = False,
) -> None:
    """Install a plugin into the environment of `tasks`, and trust these very files of it."""
    from taskspace import installer  # noqa: PLC0415  for `--help`

    def agree(proposal: Proposal) -> bool:
        _show(proposal)
        terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
        if dry_run or yes or not terminal:
            return not dry_run
        return typer.confirm("Add it?", err=True)

    done = installer.add(
        source,
        editable=editable,
        frozen=options.is_frozen(frozen),
        blocked=options.blocked_plugins(),
        folder=Path.cwd(),
        say=_say,
        agree=agree,
    )
    if as_json:
        echo_json({"added": None if done is None else _record(done)})
    elif done is None:
        echo("Nothing was changed.")
    else:
        echo(f"added {done.entry.distribution} {done.entry.version} to {done.registry}")
        echo("Next: name it in a job, or see `tasks components`.")


@reported
def remove(name: PluginName, as_json: Json = False) -> None:
    """Undo `add`: out of registry.toml and, with what it brought, out of the environment."""
    from taskspace import installer  # noqa: PLC0415  for `--help`

    done = installer.remove(name, folder=Path.cwd(), say=_say)
    if as_json:
        echo_json({"removed": {**asdict(done), "registry": str(done.registry)}})
        return
    echo(f"removed {done.plugin} from {done.registry}")
    if done.deleted:
        echo("It was the last one: the file, which `add` had made, is gone too.")
    if done.uninstalled:
        echo(f"uninstalled {', '.join(done.uninstalled)}")
    if done.stays:
        echo(f"It stays installed. {done.stays}")


@reported
def enable(name: PluginName, as_json: Json = False) -> None:
    """Use a plugin again that was disabled."""
    _switch(name, enabled=True, as_json=as_json)


@reported
def disable(name: PluginName, as_json: Json = False) -> None:
    """Leave a plugin installed and listed, and do not use it."""
    _switch(name, enabled=False, as_json=as_json)


def _switch(name: str, *, enabled: bool, as_json: bool) -> None:
    from taskspace import installer  # noqa: PLC0415  for `--help`

    file = installer.switch(name, enabled=enabled, folder=Path.cwd(), say=_say)
    word = "enabled" if enabled else "disabled"
    record = {word: name, "registry": str(file)}
    answer(record, f"{word} {name} in {file}", as_json=as_json)


def _say(line: str) -> None:
    echo(line, err=True)


def _show(proposal: Proposal) -> None:
    entry, before = proposal.entry, proposal.before
    _say(f"{entry.distribution} {entry.version} from {entry.source} ({entry.trust})")
    for component in proposal.components:
        _say(f"  provides  {component.kind} {component.name}: {component.summary}")
    _say(f"  sha256    {entry.sha256 or 'none: the files of a source tree may change'}")
    _say(f"  api       {entry.api}")
    if proposal.seconds is not None:
        _say(f"  import    {proposal.seconds:.1f} s")
    installs = ", ".join(map(str, proposal.installs)) or "nothing: these very files are installed"
    _say(f"  installs  {installs}")
    _say(f"  into      {proposal.environment}")
    _say(f"  listed in {proposal.registry}{' (new)' if proposal.creates else ''}")
    if proposal.replaces is not None:
        _say(f"  replaces  version {proposal.replaces}, which `remove` does not bring back")
    if before is not None and proposal.relocks:
        _say(f"  changes   the lock: it was {before.version} with sha256 {before.sha256}")
    for trap in proposal.traps:
        _say(f"Note: {trap}")
    _say(_RIGHTS)


def _record(proposal: Proposal) -> dict[str, object]:
    return {
        **asdict(proposal.entry),
        "registry": str(proposal.registry),
        "environment": str(proposal.environment),
        "installed": [str(pin) for pin in proposal.installs],
    }
