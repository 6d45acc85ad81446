"""`tasks plugin`: what is installed and trusted, and how that changes."""

from __future__ import annotations

import typer

from taskspace_cli.plugin import authoring, inspection, lifecycle

app = typer.Typer(
    name="plugin", help="Plugins: installed, trusted, set aside.", no_args_is_help=True
)

inspection.register(app)
lifecycle.register(app)
authoring.register(app)
