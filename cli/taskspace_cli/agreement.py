"""`tasks agreement`: does a run find what others found?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Json, RunsFolder
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.display import print_tables
from taskspace_cli.terminal.output import echo_json

RunNames = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="Runs of one job with different seeds.")
]
PublishedTable = Annotated[
    Path | None,
    typer.Option("--table", metavar="CSV", help="A published table of transfers, CSV or JSON."),
]


@reported
def agreement(
    run_names: RunNames,
    table: PublishedTable = None,
    runs: RunsFolder = options.RUNS,
    as_json: Json = False,
) -> None:
    """Compare the affinities of taxonomy runs with one another and with a published table."""
    from taskspace.engine.folders.run_files import MANIFEST, RESULT  # noqa: PLC0415  for `--help`
    from taskspace.engine.folders.runs_folder import find_run  # noqa: PLC0415
    from taskspace.studies.taxonomy.agreement import (  # noqa: PLC0415
        FinishedRun,
        agreement_answer,
    )

    folders = [find_run(runs, name) for name in run_names]
    answer = agreement_answer(
        [
            FinishedRun(folder.name, folder.read_json(RESULT), folder.read_json(MANIFEST)["job"])
            for folder in folders
        ],
        table,
    )
    if as_json:
        echo_json(answer.result)
        return
    print_tables(answer.tables, answer.findings)
