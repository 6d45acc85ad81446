"""`tasks runs`, `tasks show` and `tasks report`: what was run here and found, freeing space."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from taskspace_cli import options
from taskspace_cli.options import Json, RunName, RunsFolder, StoreFolder
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.display import print_tables
from taskspace_cli.terminal.output import answer, echo, echo_json

if TYPE_CHECKING:
    from taskspace.engine.folders.rundir import RunFolder


app = typer.Typer(
    name="runs",
    help="List runs, remove them, free space.\n\nExample: `tasks runs`",
    invoke_without_command=True,
)


@app.callback()
@reported
def list_runs(
    context: typer.Context, runs: RunsFolder = options.RUNS, as_json: Json = False
) -> None:
    """List the runs, the latest first."""
    if context.invoked_subcommand is not None:
        return
    from taskspace.engine.folders.runs_folder import run_folders  # noqa: PLC0415  for `--help`

    rows = [_row(folder) for folder in run_folders(runs)]
    if as_json:
        echo_json({"runs": rows})
        return
    if not rows:
        echo(f"No runs in {runs}. `tasks run job.yaml` makes one.")
    for row in rows:
        study, started = row["study"] or "-", row["started"] or "-"
        echo(f"{row['run']:32} {study:10} {row['state']:11} {started}")


def _row(folder: RunFolder) -> dict[str, Any]:
    """Return a run as one line; nothing but its name is known of a damaged one."""
    from taskspace.engine.folders.run_files import MANIFEST  # noqa: PLC0415  for `--help`
    from taskspace.errors import NotFound, RunError  # noqa: PLC0415

    try:
        manifest = folder.read_json(MANIFEST)
    except (NotFound, RunError):
        unknown = dict.fromkeys(("started", "seconds"))
        return {"run": folder.name, "study": None, "state": "damaged", **unknown}
    state = manifest["state"]
    if state == "running" and not folder.is_locked():
        state = "stopped"
    return {
        "run": folder.name,
        "study": manifest["job"]["study"],
        "state": state,
        "started": manifest["started"],
        "seconds": sum(attempt["seconds"] for attempt in manifest["attempts"]),
    }


@app.command()
@reported
def remove(
    run: RunName,
    runs: RunsFolder = options.RUNS,
    as_json: Json = False,
) -> None:
    """Remove a run's folder; `tasks runs gc` then frees what only it needed.

    Example: `tasks runs remove digits`
    """
    from taskspace.engine.folders.run_removal import remove_run  # noqa: PLC0415  for `--help`
    from taskspace.engine.folders.runs_folder import find_run  # noqa: PLC0415

    path = remove_run(runs, find_run(runs, run))
    answer({"removed": str(path)}, f"removed {path}", as_json=as_json)


@app.command()
@reported
def gc(
    store: StoreFolder = options.STORE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Free the space of results and checkpoints that no run needs.

    Example: `tasks runs gc --dry-run`
    """
    from taskspace.engine.storage.clean import collect  # noqa: PLC0415  for `--help`
    from taskspace.engine.storage.store import Store  # noqa: PLC0415

    cleaned = collect(Store(store.resolve()), dry_run=dry_run)
    verb = "would free" if dry_run else "freed"
    counts = f"{cleaned.results} results and {cleaned.checkpoints} checkpoints"
    answer(asdict(cleaned), f"{verb} {counts}, {cleaned.bytes / 1e6:.1f} MB", as_json=as_json)


@reported
def show(run: RunName, runs: RunsFolder = options.RUNS, as_json: Json = False) -> None:
    """Show the tables and findings of a run; --json prints the whole result."""
    from taskspace.components.page import Table  # noqa: PLC0415  for `--help`
    from taskspace.engine.folders.run_files import RESULT  # noqa: PLC0415
    from taskspace.report import run_page  # noqa: PLC0415

    folder = options.newest_run(runs, run)
    if as_json:
        echo_json(folder.read_json(RESULT))
        return
    page = run_page(folder, options.load_registry())
    blocks = [block for section in page.sections for block in section.blocks]
    print_tables([b for b in blocks if isinstance(b, Table)], page.findings)


@reported
def report(run: RunName, runs: RunsFolder = options.RUNS, as_json: Json = False) -> None:
    """Rewrite the HTML report of a run and print its path."""
    from taskspace.report import write_run_report  # noqa: PLC0415  for `--help`

    path = write_run_report(options.newest_run(runs, run), options.load_registry())
    answer({"report": str(path)}, str(path), as_json=as_json)
