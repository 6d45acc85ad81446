"""`tasks components`: what can be named in a job here."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Json
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.output import echo, echo_json


@reported
def components(
    kind: Annotated[str | None, typer.Argument(help="task, dataset, encoder, ...")] = None,
    as_json: Json = False,
) -> None:
    """List the components that jobs can name here, of one kind or of all."""
    registry = options.load_registry()
    descriptions = registry.descriptions(kind)
    if as_json:
        records = [
            {
                "kind": d.kind,
                "name": d.name,
                "plugin": d.plugin,
                "version": d.version,
                "summary": d.summary,
                "parameters": dict(d.schema.get("properties", {})),
            }
            for d in descriptions
        ]
        echo_json({"components": records})
        return
    width = max((len(d.name) for d in descriptions), default=0)
    for shown in registry.kinds if kind is None else (kind,):
        if kind is None:
            echo(f"\n{shown}")
        for d in (d for d in descriptions if d.kind == shown):
            owner = "" if d.owner == "built in" else f"  [{d.owner}]"
            echo(f"  {d.name:{width}}  {d.summary}{owner}")
            if kind is not None:
                _parameters(d.schema.get("properties", {}), width)


def _parameters(properties: dict[str, dict[str, object]], width: int) -> None:
    for name, schema in properties.items():
        default = f" (default {json.dumps(schema['default'])})" if "default" in schema else ""
        echo(f"  {'':{width}}    {name}: {schema.get('description', '')}{default}")
