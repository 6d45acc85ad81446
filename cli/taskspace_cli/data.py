"""`tasks data`: look at a dataset, write it down, check a folder."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Json
from taskspace_cli.reporting import others_on_stderr, reported
from taskspace_cli.terminal.counting import counting
from taskspace_cli.terminal.display import print_tables
from taskspace_cli.terminal.output import answer, echo, echo_json

if TYPE_CHECKING:
    from taskspace.components import Dataset
    from taskspace.registry import Registry

app = typer.Typer(
    name="data",
    help="Look at a dataset, write it down, check a folder.\n\nExample: `tasks data show rooms`",
    no_args_is_help=True,
)

DatasetName = Annotated[
    str, typer.Argument(metavar="DATASET", help="A name, or `{use: NAME, parameter: value}`.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the dataset: `size=128`."),
]


class Layout(StrEnum):
    """How an export lays out its files."""

    TASKONOMY = "taskonomy"


@app.command()
@reported
def show(
    dataset: DatasetName,
    sample: Annotated[int, typer.Option("--sample", min=0, help="The number of the sample.")] = 0,
    out: Annotated[Path, typer.Option("--out", help="The picture to write.")] = Path("sheet.png"),
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            metavar="NAME",
            help="Show this task, by name or `{use: NAME, parameter: value}`; repeat it for more, "
            "which are shown in this order.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every task that the dataset can serve.")
    ] = False,
    palette: Annotated[
        bool,
        typer.Option("--palette", help="In 256 colours: a large sheet in a third of the bytes."),
    ] = False,
    parameters: Parameters = None,
    as_json: Json = False,
) -> None:
    """Draw one sample as the tasks of the dictionary and on its own labels see it.

    Example: `tasks data show rooms --sample 5 --out sheet.png --set size=128`
    """
    from taskspace.errors import InputError  # noqa: PLC0415  for `--help`
    from taskspace.report.sheet import as_png, draw_sheet, sample_tiles  # noqa: PLC0415
    from taskspace.whole_file import write_whole  # noqa: PLC0415
    from taskspace_cli.chosen_tasks import named_tasks, usual_tasks  # noqa: PLC0415

    if tasks and every:
        raise InputError(
            "`--task` says which tasks are shown, `--all` shows every task.",
            where="--all",
            advice="Give one of the two.",
        )
    if out.suffix.lower() not in (".png", ""):
        raise InputError(
            f"The picture is a PNG, and its name would end in {out.suffix}.",
            where="--out",
            advice="Let it end in .png.",
        )
    registry = options.load_registry()
    with others_on_stderr():
        made = _dataset(dataset, parameters, registry)
        if sample >= made.length():
            raise InputError(
                f"There is no sample {sample}; {made.name!r} has {made.length()}, from 0.",
                where="--sample",
            )
        chosen = (
            named_tasks(tasks, made, registry)
            if tasks
            else usual_tasks(made, registry, every=every)
        )
        tiles, untold = sample_tiles(made, chosen, sample)
        groups = made.groups()
        where = f", {groups[sample]}" if groups else ""
        sheet = draw_sheet(f"{made.name}, sample {sample}{where}", tiles)
        content = as_png(sheet, palette=palette)
        findings = made.findings()
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, content)
    for left in untold:
        echo(f"Not drawn: {left.title}: {left.reason}", err=True)
    for finding in findings:
        echo(finding.line(), err=True)
    record = {
        "sheet": str(out),
        "dataset": made.name,
        "sample": sample,
        "tasks": [{"task": t.title, "words": t.words or None} for t in tiles[1:]],
        "left_out": [{"task": left.title, "reason": left.reason} for left in untold],
        "findings": [finding.as_json() for finding in findings],
    }
    summary = f"{out}: {len(tiles) - 1} tasks on sample {sample} of {made.length()}."
    answer(record, summary, as_json=as_json)


@app.command()
@reported
def export(
    dataset: DatasetName,
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")],
    layout: Annotated[Layout, typer.Option("--layout", help="How it is laid out.")] = (
        Layout.TASKONOMY
    ),
    parameters: Parameters = None,
    as_json: Json = False,
) -> None:
    """Write a dataset as files; an export that was interrupted goes on where it stopped.

    Example: `tasks data export rooms --layout taskonomy --out rooms`
    """
    from taskspace.layout.write import export_dataset  # noqa: PLC0415  for `--help`

    registry = options.load_registry()
    with others_on_stderr():
        made = _dataset(dataset, parameters, registry)
        with counting(f"export {made.name}", "samples", quiet=as_json) as listener:
            done = export_dataset(made, out, listener)
    summary = f"{out}: {done.samples} samples, {done.written} files written, {done.kept} kept."
    answer({"root": str(out), "layout": layout.value, **asdict(done)}, summary, as_json=as_json)
    if done.left_out and not as_json:
        echo(f"The layout has no place for: {', '.join(done.left_out)}.", err=True)


@app.command()
@reported
def check(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER|DATASET",
            help="A folder of images or in the official Taskonomy layout, or a dataset: a name, or "
            "`{use: NAME, parameter: value}`.",
        ),
    ],
    parameters: Parameters = None,
    as_json: Json = False,
) -> None:
    """Read every file of a folder or dataset; list what cannot be read, and what its labels are.

    Of the official layout, files that are missing, mis-sized or out of range are listed. Nothing is
    changed. Exit status 2 where a file or sample is wrong.

    Examples: `tasks data check photographs`, `tasks data check '{use: features_file, file: a.npz}'`
    """
    from taskspace_cli.folders.layouts import (  # noqa: PLC0415  for `--help`
        is_official,
        is_reference,
        opened,
        refuse_unknown,
    )

    registry = options.load_registry()
    refuse_unknown(folder, registry)
    if is_reference(folder, registry) or (Path(folder).is_dir() and not is_official(Path(folder))):
        with others_on_stderr():
            made = opened(folder, parameters, registry)
        _check_dataset(made, as_json=as_json)
    else:
        _check_official(Path(folder), parameters, as_json=as_json)


def _check_official(root: Path, parameters: list[str] | None, *, as_json: bool) -> None:
    from taskspace.errors import InputError  # noqa: PLC0415  for `--help`
    from taskspace.layout.check import check_folder  # noqa: PLC0415

    if parameters:
        raise InputError(
            "A folder in the official layout is checked as it is.",
            where="--set",
            advice="Name the dataset instead: `{use: taskonomy_folder, root: ...}`.",
        )
    with others_on_stderr(), counting(f"check {root}", "folders", quiet=as_json) as listener:
        found = check_folder(root, listener)
    lines = [f"{finding.file}: {finding.problem}" for finding in found.findings]
    wrong = f"{len(lines)} finding{'s' * (len(lines) > 1)}" if lines else "nothing is wrong"
    total = f"{found.files} files of {found.images} images: {wrong}."
    record = {
        "root": str(root),
        "files": found.files,
        "images": found.images,
        "findings": [asdict(finding) for finding in found.findings],
    }
    answer(record, *lines, total, as_json=as_json)
    if found.findings:
        raise typer.Exit(2)


def _check_dataset(made: Dataset, *, as_json: bool) -> None:
    from taskspace.components.exchanged.class_fields import own_fields  # noqa: PLC0415
    from taskspace.learning.checking.labels import label_findings  # noqa: PLC0415  imports NumPy
    from taskspace.learning.checking.samples import look_at  # noqa: PLC0415
    from taskspace_cli.terminal.data_tables import fields_table, looked_json  # noqa: PLC0415

    with others_on_stderr(), counting(f"read {made.name}", "samples", quiet=as_json) as listener:
        told = list(made.findings())
        looked = look_at(made, own_fields(made.fields()), listener)
    findings = [*told, *label_findings(looked.fields)]
    if as_json:
        record = {"dataset": made.name, **looked_json(looked)}
        echo_json(record | {"findings": [each.as_json() for each in findings]})
    else:
        print_tables([fields_table(made.name, looked)], findings)
        for each in looked.unreadable:
            echo(f"Sample {each.sample}: {each.problem}")
        if looked.advice:
            echo(looked.advice)
        if not findings and not looked.unreadable:
            echo("Nothing is wrong.")
    if looked.unreadable:
        raise typer.Exit(2)


def _dataset(given: str, parameters: list[str] | None, registry: Registry) -> Dataset:
    """Return the dataset that an argument names, with `--set` applied.

    Raises:
        JobInvalid: with every mistake in them.
    """
    from taskspace.components import Dataset  # noqa: PLC0415  for `--help`
    from taskspace.jobs import read_reference  # noqa: PLC0415

    spec = read_reference(given, "dataset", "DATASET", registry, overrides=parameters or ())
    made = registry.component(spec)
    assert isinstance(made, Dataset)
    return made
