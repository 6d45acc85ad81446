"""`tasks plugin`: what is installed and trusted, and how that changes."""

from __future__ import annotations

import typer

from taskspace_cli.options import add_commands
from taskspace_cli.plugin import authoring, inspection, lifecycle

app = typer.Typer(
    name="plugin", help="Plugins: installed, trusted, set aside.", no_args_is_help=True
)

add_commands(
    app,
    ("tasks plugin list", inspection.list_plugins),
    ("tasks plugin show weather", inspection.show),
    ("tasks plugin doctor", inspection.doctor),
    ("tasks plugin add ./weather", lifecycle.add),
    ("tasks plugin remove weather", lifecycle.remove),
    ("tasks plugin enable weather", lifecycle.enable),
    ("tasks plugin disable weather", lifecycle.disable),
    ("tasks plugin new weather --kind task", authoring.new),
    ("tasks plugin check ./weather", authoring.check),
)
