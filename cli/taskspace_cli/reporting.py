"""Errors as people and machines read them, and exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from taskspace.errors import JobInvalid, RunError, RunInterrupted, TaskspaceError
from taskspace_cli.terminal.output import echo, echo_json

if TYPE_CHECKING:
    from taskspace.components import ComponentSpec
    from taskspace.jobs import LoadedJob
    from taskspace.registry import Registry

MOST_SHOWN = 100
"""Mistakes that are printed for people."""
LONGEST = 4000
"""Characters of an error that are printed for people."""

P = ParamSpec("P")
R = TypeVar("R")


def reported(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command so that a user's mistake is a paragraph and an exit status, no traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except TaskspaceError as error:
            say(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from None
        except (KeyboardInterrupt, typer.Abort):
            say(RunInterrupted("Stopped."), as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(RunInterrupted.exit_code) from None
        except BrokenPipeError:
            # Whoever read the output has gone (`tasks runs | head`): nothing is left to say.
            sys.stdout = None
            raise typer.Exit(1) from None
        except OSError as error:
            say(_refusal(error), as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(RunError.exit_code) from None

    return wrapped


def _refusal(error: OSError) -> RunError:
    try:
        Path.cwd()
    except OSError:
        return RunError(
            "The working directory is gone.",
            advice="It was deleted, or is no longer mounted: change to a folder that is there.",
        )
    where = None if error.filename is None else os.fsdecode(error.filename)
    return RunError(
        f"OS error: {error.strerror or error}.",
        where=where,
        advice="Check disk space, and that the files and the output can be written.",
    )


def say(error: TaskspaceError, *, as_json: bool) -> None:
    """Print the error: for people on stderr, for machines on stdout as long as it takes it."""
    try:
        # What a full disk did not take is still in the buffer, and would be tried again at exit.
        if sys.stdout is not None:
            sys.stdout.flush()
        if as_json:
            echo_json(errors_as_json(error))
            return
    except OSError:
        sys.stdout = None
    if isinstance(error, JobInvalid):
        from taskspace.jobs import render  # noqa: PLC0415  for `--help`

        count = len(error.problems)
        for problem in error.problems[:MOST_SHOWN]:
            echo(shortened(render(problem)) + "\n", err=True)
        if count > MOST_SHOWN:
            echo(f"... and {count - MOST_SHOWN} more; --json has them all.\n", err=True)
        echo(f"{count} mistake{'s' if count > 1 else ''}; nothing was run.", err=True)
    else:
        echo(f"Error: {shortened(str(error))} [{error.code}]", err=True)


def shortened(text: str) -> str:
    """Return a text that quotes what it found, without the middle where that is enormous."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"


@contextmanager
def others_on_stderr() -> Iterator[None]:
    """Send what plugins, libraries and workers print meanwhile to stderr: stdout is for answers."""
    try:
        kept = os.dup(1)
    except OSError:
        # There is no stdout to keep clean.
        yield
        return
    try:
        _flush()
        os.dup2(2, 1)
        # Whatever becomes of stderr, printing to it does not fail.
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _flush()
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def warn(registry: Registry, loaded: LoadedJob, executor: ComponentSpec | None = None) -> None:
    """Say on stderr which plugins are not used though they are listed, and which end soon.

    Args:
        registry: what is known here.
        loaded: the job.
        executor: who computes it; None where nothing is computed.
    """
    from taskspace.registry.cautions import cautions  # noqa: PLC0415  for `--help`

    used = [*loaded.components.values(), *([executor] if executor else [])]
    for caution in cautions(registry, used, loaded.job.study):
        echo(f"Warning: {caution}", err=True)


def errors_as_json(error: TaskspaceError) -> dict[str, Any]:
    """Return `{errors: [{code, message, file, line, column, path, suggestion}]}`."""
    if isinstance(error, JobInvalid):
        from taskspace.jobs import as_json  # noqa: PLC0415  for `--help`

        found: dict[str, Any] = as_json(error.problems)
        return found
    return {
        "errors": [
            {
                "code": error.code,
                "message": error.what,
                "file": error.where,
                "line": None,
                "column": None,
                "path": None,
                "suggestion": error.advice,
            }
        ]
    }
