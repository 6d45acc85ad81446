"""`tasks discover`: what to do with tasks that a run has found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Json, RunName, RunsFolder
from taskspace_cli.reporting import reported
from taskspace_cli.terminal.output import echo, echo_json

if TYPE_CHECKING:
    from taskspace.studies.discovery.written.finished import FinishedDiscovery

app = typer.Typer(
    name="discover",
    help="Write down what a discovery has found: splits that fool networks, labels.\n\n"
    "Example: `tasks discover split discovery-digits --target parity`",
    no_args_is_help=True,
)


@app.command()
@reported
def split(
    run: RunName,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME", help="The task that networks will learn.")
    ],
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="NAME",
            help="The search whose task divides the images, or `random`; the first by default.",
        ),
    ] = None,
    number: Annotated[int, typer.Option("--number", help="Which of its tasks, from 1.")] = 1,
    repetition: Annotated[
        int, typer.Option("--repetition", help="Of the search; of `random`, the seed.")
    ] = 0,
    share: Annotated[
        float, typer.Option("--share", help="Of each class, the share that is learnt.")
    ] = 0.5,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go.")
    ] = Path("split"),
    runs: RunsFolder = options.RUNS,
    as_json: Json = False,
) -> None:
    """Write the halves of a task's images that a discovered task makes, as index files.

    Example: `tasks discover split discovery-digits --target parity --number 2 --out parity-split`
    """
    from taskspace.studies.discovery.written.split_files import (  # noqa: PLC0415  for `--help`
        WantedSplit,
        write_split,
    )

    wanted = WantedSplit(target, by, number, repetition, share)
    written = write_split(_finished(runs, run), wanted, out)
    if as_json:
        echo_json(written.as_json())
        return
    echo(f"wrote {out / 'train.txt'} ({written.train:,}) and {out / 'test.txt'} ({written.test:,})")
    rule = written.by if written.by == "random" else f"task {written.number} of {written.by}"
    echo(
        f"{target} divided by {rule}: the numbers of samples, one a line. Every class is divided "
        f"alike, {share:g} of it to learn from."
    )


@app.command()
@reported
def labels(
    run: RunName,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The CSV file.")] = Path(
        "labels.csv"
    ),
    runs: RunsFolder = options.RUNS,
    as_json: Json = False,
) -> None:
    """Write the labels of all discovered tasks as a table, a sample a row.

    Example: `tasks discover labels discovery-digits --out labels.csv`
    """
    from taskspace.studies.discovery.written.label_table import (  # noqa: PLC0415  for `--help`
        write_labels,
    )

    samples, tasks = write_labels(_finished(runs, run), out)
    if as_json:
        echo_json({"file": str(out), "samples": samples, "tasks": tasks})
        return
    echo(f"wrote {out}: {tasks} tasks of {samples:,} samples")


def _finished(runs: Path, run: str) -> FinishedDiscovery:
    from taskspace.studies.discovery.written.finished import (  # noqa: PLC0415  for `--help`
        FinishedDiscovery,
    )

    return FinishedDiscovery(options.newest_run(runs, run))
