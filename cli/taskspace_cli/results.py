"""`tasks show` and `tasks report`: what a run found."""

from __future__ import annotations

from taskspace_cli import options
from taskspace_cli.options import Json, RunName, RunsFolder
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.display import print_tables
from taskspace_cli.terminal.output import answer, echo_json


@reported
def show(run: RunName, runs: RunsFolder = options.RUNS, as_json: Json = False) -> None:
    """Show the tables and findings of a run; --json prints the whole result."""
    from taskspace.components.page import Table  # noqa: PLC0415  for `--help`
    from taskspace.engine.folders.run_files import RESULT  # noqa: PLC0415
    from taskspace.engine.folders.runs_folder import find_run  # noqa: PLC0415
    from taskspace.report import run_page  # noqa: PLC0415

    folder = find_run(runs, run)
    if as_json:
        echo_json(folder.read_json(RESULT))
        return
    page = run_page(folder, options.load_registry())
    blocks = [block for section in page.sections for block in section.blocks]
    print_tables([b for b in blocks if isinstance(b, Table)], page.findings)


@reported
def report(run: RunName, runs: RunsFolder = options.RUNS, as_json: Json = False) -> None:
    """Rewrite the HTML report of a run and print its path."""
    from taskspace.engine.folders.runs_folder import find_run  # noqa: PLC0415  for `--help`
    from taskspace.report import write_run_report  # noqa: PLC0415

    path = write_run_report(find_run(runs, run), options.load_registry())
    answer({"report": str(path)}, str(path), as_json=as_json)
