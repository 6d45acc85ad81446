"""`tasks init`, `check`, `schema`: job files before they are run."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from taskspace_cli import options
from taskspace_cli.options import Frozen, JobFile, Json, Overrides
from taskspace_cli.reporting import others_on_stderr, reported, warn


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("init", help=f"{init.__doc__}\n\nExample: `tasks init my-project`")(init)
    app.command("check", help=f"{check.__doc__}\n\nExample: `tasks check job.yaml`")(check)
    app.command("schema", help=f"{schema.__doc__}\n\nExample: `tasks schema -o job.schema.json`")(
        schema
    )


@reported
def init(
    folder: Annotated[Path, typer.Argument(help="Where; made if it is not there.")] = Path(),
    as_json: Json = False,
) -> None:
    """Write a job to start from, its JSON Schema for editors, and registry.toml."""
    from taskspace.errors import InputError  # noqa: PLC0415
    from taskspace.jobs import job_schema  # noqa: PLC0415  for `--help`

    written = []
    registry = options.load_registry()
    files = {
        "job.yaml": _template("job.yaml"),
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
    if as_json:
        typer.echo(json.dumps({"written": written}))
        return
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Next: tasks run {folder / 'job.yaml'}")


@reported
def check(
    job: JobFile, overrides: Overrides = None, frozen: Frozen = None, as_json: Json = False
) -> None:
    """Find every mistake in a job file, with its place and the nearest correct word."""
    from taskspace.jobs import load_job  # noqa: PLC0415  for `--help`

    registry = options.load_registry(frozen)
    with others_on_stderr():
        loaded = load_job(job, overrides=overrides or (), catalogue=registry)
    warn(registry, loaded)
    if as_json:
        typer.echo(json.dumps({"errors": [], "job": dict(loaded.document)}, ensure_ascii=False))
    else:
        typer.echo(f"{job}: a sound {loaded.job.study} job, {loaded.job.name!r}.")


@reported
def schema(
    study: Annotated[str | None, typer.Argument(help="Of one study; of all if not said.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file.")] = None,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of job files, with every component that is installed here."""
    from taskspace.errors import InputError  # noqa: PLC0415
    from taskspace.jobs import job_schema, schema_comment  # noqa: PLC0415  for `--help`

    text = json.dumps(job_schema(study, options.load_registry()), indent=1)
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The schema cannot be written: {error.strerror or error}.",
            where=str(output),
            advice="Give another file with -o FILE, in a folder that is there.",
        ) from error
    typer.echo(f"Put this line first in a job file: {schema_comment(output)}", err=True)


def _template(name: str) -> str:
    return resources.files("taskspace_cli").joinpath("templates", name).read_text("utf-8")
