"""`tasks export`: one small model of one task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from taskspace_cli import options
from taskspace_cli.options import Json, RunName, RunsFolder, StoreFolder
from taskspace_cli.reporting import others_on_stderr, reported
from taskspace_cli.terminal.output import echo, echo_json

SchemeName = Annotated[
    str, typer.Option("--scheme", metavar="NAME", help="The scheme, as the job calls it.")
]
TaskName = Annotated[
    str, typer.Option("--task", metavar="NAME", help="The task, as the job calls it.")
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="Without ending, or a folder; TASK if not said."
    ),
]
Size = Annotated[int | None, typer.Option("--size", help="Training samples; the most by default.")]
Seed = Annotated[int | None, typer.Option("--seed", help="The repetition; the first by default.")]
Rule = Annotated[
    Literal["task", "mean", "rounded", "all"] | None,
    typer.Option("--rule", help="How many experts the task keeps; by default as in the report."),
]


@reported
def export(
    run: RunName,
    scheme: SchemeName,
    task: TaskName,
    out: OutFile = None,
    size: Size = None,
    seed: Seed = None,
    rule: Rule = None,
    store: StoreFolder = options.STORE,
    runs: RunsFolder = options.RUNS,
    as_json: Json = False,
) -> None:
    """Write one task of a multitask run, with its experts alone, as weights and as a program."""
    from taskspace.engine.folders.run_files import MANIFEST  # noqa: PLC0415
    from taskspace.engine.planner import KeyedPlanner  # noqa: PLC0415  for `--help`
    from taskspace.engine.storage.store import Store  # noqa: PLC0415
    from taskspace.errors import InputError  # noqa: PLC0415
    from taskspace.jobs import load_job  # noqa: PLC0415

    registry = options.load_registry()
    folder = options.newest_run(runs, run)
    with others_on_stderr():
        loaded = load_job(folder.read_json(MANIFEST)["job"], catalogue=registry)
        from taskspace.studies.multitask.export import Wanted, export_task  # noqa: PLC0415
        from taskspace.studies.multitask.job import MultitaskJob  # noqa: PLC0415

        if not isinstance(loaded.job, MultitaskJob):
            raise InputError(
                f"The run {folder.name} is of the study {loaded.job.study!r}, which trains no "
                "network of several tasks.",
                advice="Give a run of `study: multitask`; `tasks runs` lists them.",
            )
        made = export_task(
            loaded.job,
            KeyedPlanner(registry),
            Store(store.resolve()).get,
            Wanted(scheme, task, size, seed, rule),
            out or Path(task),
        )
    if as_json:
        echo_json(made.as_json())
        return
    (kept, experts), (small, whole) = made.experts, made.parameters
    echo(f"wrote {made.weights} and {made.program}")
    echo(
        f"{kept} of {experts} experts, {small:,} of {whole:,} parameters "
        f"({100 * small / whole:.1f} %), {made.multiply_adds:,} multiply-adds a sample; outputs "
        f"differ by at most {made.difference:.1g}."
    )
    shape = ", ".join(map(str, made.image))
    echo(f"It takes images [B, {shape}] of numbers from 0 to 1.")
    if made.classes:
        echo(f"Its outputs are the classes {', '.join(made.classes)}, in this order.")
