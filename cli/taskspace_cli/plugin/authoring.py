"""`tasks plugin new` and `tasks plugin check`: for those who write plugins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taskspace_cli.options import Json
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.output import answer

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of plugin and component: `weather`.")]
Kind = Annotated[str, typer.Option("--kind", help="task, dataset, encoder, readout, ...")]
Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Where; ./NAME if not said.")
]
NameOrPath = Annotated[
    str,
    typer.Argument(
        metavar="NAME|PATH",
        help="An installed plugin (`taskspace`: the built-ins), or the folder of a source tree.",
    ),
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="CHECK", help="Only the checks named so.")
]
Component = Annotated[
    list[str] | None,
    typer.Option("--component", metavar="KIND:NAME", help="Only this component: `task:rain`."),
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", min=1.0, help="What one check may take; 120 s.")
]


@reported
def new(name: Name, kind: Kind = "task", folder: Folder = None, as_json: Json = False) -> None:
    """Write a plugin that works: a component of the asked kind, its tests, a job that uses it."""
    from taskspace_cli.scaffold import write_plugin  # noqa: PLC0415  for `--help`

    written = write_plugin(name, kind, folder)
    record = {
        "folder": str(written.folder),
        "distribution": written.names.distribution,
        "component": f"{kind}:{written.names.component}",
        "written": [str(file) for file in written.files],
        "next": list(written.commands),
    }
    lines = [f"wrote {file}" for file in written.files]
    steps = [f"  {command}" for command in written.commands]
    answer(record, *lines, "Next:", *steps, as_json=as_json)


@reported
def check(
    plugin: NameOrPath,
    only: Only = None,
    component: Component = None,
    seconds: Seconds = None,
    as_json: Json = False,
) -> None:
    """Try every component of a plugin on every check of the conformance kit."""
    from taskspace.testing import check_plugin  # noqa: PLC0415  for `--help`
    from taskspace.testing.plugin import SECONDS  # noqa: PLC0415
    from taskspace_cli.plugin.checking import (  # noqa: PLC0415
        checking,
        report_as_json,
        report_lines,
        target_of,
    )

    target = target_of(plugin)
    with checking(target, quiet=as_json) as listener:
        report = check_plugin(
            target,
            only=only or (),
            components=component or (),
            seconds=SECONDS if seconds is None else seconds,
            listener=listener,
        )
    answer(report_as_json(report), *report_lines(report), as_json=as_json)
    if not report.ok:
        raise typer.Exit(1)
