"""`tasks agreement`: does a run find what others found?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taskspace.errors import InputError
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
    from taskspace.report.run_report import typed_result  # noqa: PLC0415
    from taskspace.studies.taxonomy.agreement.answer import (  # noqa: PLC0415
        FinishedRun,
        agreement_answer,
    )
    from taskspace.studies.taxonomy.result.model import TaxonomyResult  # noqa: PLC0415
    from taskspace.studies.taxonomy.study import Taxonomy  # noqa: PLC0415

    finished = []
    for folder in [options.newest_run(runs, name) for name in run_names]:
        result, job = folder.read_json(RESULT), folder.read_json(MANIFEST)["job"]
        if result["study"] != Taxonomy.name:
            raise InputError(
                f"The run {folder.name} is of the study {result['study']!r}.",
                advice="Only runs of a taxonomy have affinities to compare.",
            )
        typed = typed_result(Taxonomy(), result, folder.path / RESULT)
        assert isinstance(typed, TaxonomyResult)
        finished.append(FinishedRun(folder.name, typed, job))
    answer = agreement_answer(finished, table)
    if as_json:
        echo_json(answer.result_json())
        return
    print_tables(answer.tables, answer.findings)
