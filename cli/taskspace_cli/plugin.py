"""`tasks plugin`: what is installed and what is trusted."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from taskspace_cli import options
from taskspace_cli.options import Json
from taskspace_cli.reporting import reported

app = typer.Typer(
    name="plugin", help="Plugins: installed, trusted, set aside.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Keep `plugin list` a command of a group."""


@app.command("list")
@reported
def list_plugins(as_json: Json = False) -> None:
    """List every plugin that is installed or listed, with its state and why.

    Example: `tasks plugin list`
    """
    registry = options.load_registry()
    states = registry.plugins()
    if as_json:
        file = str(registry.file) if registry.file else None
        typer.echo(json.dumps({"registry": file, "plugins": [asdict(s) for s in states]}))
        return
    typer.echo(f"registry: {registry.file or 'none (only the built-ins are enabled)'}")
    for state in states:
        version = state.version or "-"
        typer.echo(f"{state.distribution:28} {version:10} {state.stage:10} {state.status}")
        if state.provides:
            kinds: dict[str, int] = {}
            for provided in state.provides:
                kind = provided.partition(":")[0]
                kinds[kind] = kinds.get(kind, 0) + 1
            listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            typer.echo(f"{'':28} provides {listed}")
        if state.reason:
            remedy = f" -> {state.remedy}" if state.remedy else ""
            typer.echo(f"{'':28} {state.reason}{remedy}")
