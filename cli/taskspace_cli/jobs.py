"""`tasks init`, `check`, `schema`: job files before they are run."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Frozen, JobFile, Json, Overrides
from taskspace_cli.reporting import others_on_stderr, reported, warn
from taskspace_cli.terminal.counting import counting
from taskspace_cli.terminal.display import print_tables
from taskspace_cli.terminal.output import answer, echo, echo_json

if TYPE_CHECKING:
    from taskspace.jobs import LoadedJob
    from taskspace.learning.checking.job_data import CheckedJob
    from taskspace.registry import Registry
    from taskspace_cli.folders.images_job import ImagesJob


@reported
def init(
    folder: Annotated[Path, typer.Argument(help="Where; made if it is not there.")] = Path(),
    images: Annotated[
        Path | None,
        typer.Option(
            "--images",
            metavar="FOLDER",
            help="Your own images: class subfolders and the columns of a labels.csv become tasks.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a job to start from, its JSON Schema for editors, and registry.toml.

    Files that are there are kept as they are.
    """
    from taskspace.errors import InputError  # noqa: PLC0415
    from taskspace.jobs import job_schema  # noqa: PLC0415  for `--help`

    written = []
    registry = options.load_registry()
    made = None if images is None else _images_job(images, folder, registry, quiet=as_json)
    files = {
        "job.yaml": _template("job.yaml") if made is None else made.text,
        "registry.toml": _template("registry.toml"),
        "job.schema.json": json.dumps(job_schema(None, registry), indent=1) + "\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            if not (folder / name).exists():
                (folder / name).write_text(text, encoding="utf-8")
                written.append(str(folder / name))
    except OSError as error:
        raise InputError(
            f"The folder cannot be written: {error.strerror}.",
            where=str(folder),
            advice="Give another: `tasks init DIR`.",
        ) from error
    paths = [str(folder / name) for name in files]
    lines = [f"{'wrote' if path in written else 'kept'} {path}" for path in paths]
    # What the labels of somebody's images are is worth a look before hours are spent on them.
    next_step = f"Next: tasks {'run' if made is None else 'check'} {folder / 'job.yaml'}"
    findings = () if made is None else made.findings
    for finding in findings:
        echo(finding.line(), err=True)
    told = {} if made is None else {"findings": [each.as_json() for each in findings]}
    answer({"written": written} | told, *lines, next_step, as_json=as_json)


@reported
def check(
    job: JobFile,
    overrides: Overrides = None,
    no_data: Annotated[
        bool,
        typer.Option(
            "--no-data", help="Check the text alone: nothing that the job names has to be here."
        ),
    ] = False,
    frozen: Frozen = None,
    as_json: Json = False,
) -> None:
    """Check a job and the files that it names: every mistake with its file, line and column.

    Every path has to lead somewhere. Where the job reads images, labels or a table from files, each
    of them is read once: samples that cannot be read, fields that are not there and splits that
    would be empty are mistakes; classes with one sample, labels that are all the same and whatever
    was not read are told. Exit status 2 where the run would fail.
    """
    from taskspace.jobs import load_job  # noqa: PLC0415  for `--help`

    registry = options.load_registry(frozen)
    with others_on_stderr():
        loaded = load_job(job, overrides=overrides or (), catalogue=registry)
    warn(registry, loaded)
    summary = f"{job}: valid {loaded.job.study} job, {loaded.job.name!r}."
    checked = None if no_data else _look(loaded, registry, quiet=as_json)
    if as_json:
        record = {"errors": [], "job": dict(loaded.document)}
        echo_json(record | ({} if checked is None else _checked_json(checked)))
        return
    echo(summary)
    if checked is not None:
        from taskspace_cli.terminal.data_tables import fields_table  # noqa: PLC0415  for `--help`

        looked = [(each.name, each.looked) for each in checked.datasets if each.looked]
        print_tables([fields_table(name, each) for name, each in looked], checked.findings)


def _look(loaded: LoadedJob, registry: Registry, *, quiet: bool) -> CheckedJob | None:
    """Look at the files that a job names; None where it reads none."""
    from taskspace.jobs.job_paths import check_paths, job_paths  # noqa: PLC0415  for `--help`

    with others_on_stderr():
        paths, runs = job_paths(loaded, registry)
        check_paths(loaded, paths)
        if not paths and not runs:
            return None
        from taskspace.learning.checking.job_data import (  # noqa: PLC0415  imports PyTorch
            check_data,
            names_files,
        )

        if not runs and not names_files(loaded, paths):
            return None
        with ExitStack() as open_lines:

            def counter(dataset: str) -> Callable[[int, int], None] | None:
                return open_lines.enter_context(counting(f"read {dataset}", "samples", quiet=quiet))

            return check_data(loaded, paths, registry, counter)


def _checked_json(checked: CheckedJob) -> dict[str, object]:
    from taskspace_cli.terminal.data_tables import looked_json  # noqa: PLC0415  for `--help`

    datasets = [
        {"path": each.path, "dataset": each.name}
        | ({} if each.looked is None else looked_json(each.looked))
        for each in checked.datasets
    ]
    return {"data": datasets, "findings": [finding.as_json() for finding in checked.findings]}


@reported
def schema(
    study: Annotated[str | None, typer.Argument(help="One study; all by default.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file.")] = None,
    result: Annotated[
        bool, typer.Option("--result", help="Of what the study's runs find: result.json.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of job files, including all installed components.

    With --result, that of `result.json`, which `tasks show RUN --json` prints.
    """
    from taskspace.errors import InputError  # noqa: PLC0415
    from taskspace.jobs import (  # noqa: PLC0415  for `--help`
        job_schema,
        result_schema,
        schema_comment,
    )

    if result and study is None:
        raise InputError(
            "--result needs the name of a study, whose results it describes.",
            advice="`tasks components study` lists them: `tasks schema --result taxonomy`.",
        )
    registry = options.load_registry()
    wanted = result_schema(study, registry) if result and study else job_schema(study, registry)
    text = json.dumps(wanted, indent=1)
    if output is None:
        echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The schema cannot be written: {error.strerror or error}.",
            where=str(output),
            advice="Give another file with -o FILE, in a folder that is there.",
        ) from error
    if not result:
        echo(f"Put this line first in a job file: {schema_comment(output)}", err=True)


def _images_job(images: Path, folder: Path, registry: Registry, *, quiet: bool) -> ImagesJob:
    from taskspace_cli.folders.images_job import images_job  # noqa: PLC0415  imports NumPy and PyTorch

    with others_on_stderr(), counting(f"read {images}", "images", quiet=quiet) as listener:
        return images_job(images, folder, registry, listener)


def _template(name: str) -> str:
    return resources.files("taskspace_cli").joinpath("templates", name).read_text("utf-8")
