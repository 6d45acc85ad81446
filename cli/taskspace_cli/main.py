"""The `tasks` command: one file a command group, nothing heavy imported before it is needed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from taskspace_cli import agreement, components, data, discover, export, jobs, plugin, run, runs
from taskspace_cli.options import add_commands
from taskspace_cli.terminal.output import echo
from taskspace_cli.terminal.streams import standard_streams

app = typer.Typer(
    name="tasks",
    help="Measure which tasks to label and which to get by transfer.\n\n"
    "A *task* is one prediction from an image (depth, a class, a price). Its *label cost* is what "
    "labelling it costs: 1 unless the job says otherwise, 0 where labels are computed from the "
    "image. A *budget* is how much may be spent on labels in total; `solve.budgets` in the job "
    "lists the budgets to decide for.\n\n"
    "Start with `tasks init`, then `tasks run job.yaml`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_VARIABLES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")
"""Read by rich and typer, which take any number, and what only looks like one."""
_LARGEST = 10_000


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # noqa: PLC0415  for `--help`

        echo(f"taskspace {metadata.version('taskspace')}")
        raise typer.Exit


@app.callback()
def _options(
    no_plugins: Annotated[
        bool, typer.Option("--no-plugins", help="Safe mode: only what is built in.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and exit."),
    ] = False,
) -> None:
    if no_plugins:
        os.environ["TASKS_NO_PLUGINS"] = "1"


run.register(app)
add_commands(
    app,
    ("tasks init my-project --images photographs", jobs.init),
    ("tasks check job.yaml", jobs.check),
    ("tasks schema -o job.schema.json", jobs.schema),
    ("tasks show digits --json", runs.show),
    ("tasks report digits", runs.report),
    ("tasks agreement rooms-0 rooms-1 --table taskonomy_transfers_16k.csv", agreement.agreement),
    ("tasks export multitask-digits --scheme shared --task parity --out parity", export.export),
    ("tasks components task", components.components),
)
app.add_typer(runs.app)
app.add_typer(data.app)
app.add_typer(discover.app)
app.add_typer(plugin.app)


def main() -> None:
    """Run the command."""
    _leave_out_odd_sizes()
    with standard_streams():
        app()


def _leave_out_odd_sizes() -> None:
    """Forget sizes that are no number from 1 to 10,000: the terminal itself is asked instead.

    At 0 columns nothing would be printed; a thousand million would fill the memory with spaces.
    """
    for name in _VARIABLES:
        text = os.environ.get(name, "1")
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
        if not (is_number and 1 <= int(text) <= _LARGEST):
            del os.environ[name]
