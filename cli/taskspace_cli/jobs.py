"""`tasks init`, `check`, `schema`: job files before they are run."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Frozen, JobFile, Json, Overrides
from taskspace_cli.reporting import others_on_stderr, reported, warn
from taskspace_cli.terminal.output import answer, echo

if TYPE_CHECKING:
    from taskspace.registry import Registry


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
    files = {
        "job.yaml": _template("job.yaml")
        if images is None
        else _images_job(images, folder, registry),
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
    next_step = f"Next: tasks run {folder / 'job.yaml'}"
    answer({"written": written}, *lines, next_step, as_json=as_json)


@reported
def check(
    job: JobFile, overrides: Overrides = None, frozen: Frozen = None, as_json: Json = False
) -> None:
    """Check a job file: every mistake with file, line, column and the nearest correct word."""
    from taskspace.jobs import load_job  # noqa: PLC0415  for `--help`

    registry = options.load_registry(frozen)
    with others_on_stderr():
        loaded = load_job(job, overrides=overrides or (), catalogue=registry)
    warn(registry, loaded)
    record = {"errors": [], "job": dict(loaded.document)}
    summary = f"{job}: valid {loaded.job.study} job, {loaded.job.name!r}."
    answer(record, summary, as_json=as_json)


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


def _images_job(images: Path, folder: Path, registry: Registry) -> str:
    from taskspace_cli.folders.images_job import images_job  # noqa: PLC0415  imports NumPy and PyTorch

    with others_on_stderr():
        return images_job(images, folder, registry)


def _template(name: str) -> str:
    return resources.files("taskspace_cli").joinpath("templates", name).read_text("utf-8")
