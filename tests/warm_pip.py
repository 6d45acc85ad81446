"""pip in a fork of a process that has imported it: most of a pip's time is its imports."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, NoReturn

import pip._internal.cli.main
import pip._internal.commands.configuration
import pip._internal.commands.install
import pip._internal.commands.wheel
import pip._internal.metadata.importlib
import pip._internal.network.session
import pip._internal.resolution.resolvelib.resolver

import taskspace.installer.pip

# With no index to introduce itself to, pip need not ask other programs for their versions.
pip._internal.network.session.user_agent = lambda: "pip"


def use() -> None:
    """Have `tasks plugin` in this process start pip so."""
    taskspace.installer.pip.subprocess = SimpleNamespace(  # type: ignore[attr-defined]
        run=run,
        DEVNULL=subprocess.DEVNULL,
        PIPE=subprocess.PIPE,
        STDOUT=subprocess.STDOUT,
    )


def run(
    command: Sequence[str], *, env: Mapping[str, str], stderr: int | None = None, **_: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python -P -m pip ...` as `subprocess.run` does."""
    _, safe, module, name, *arguments = command
    assert (safe, module, name) == ("-P", "-m", "pip"), command
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if not child:
            _become_pip(arguments, env, out, out if stderr == subprocess.STDOUT else err)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, status, out.read(), err.read())


def _become_pip(
    arguments: list[str], env: Mapping[str, str], out: IO[str], err: IO[str]
) -> NoReturn:
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = ["pip", *arguments]
        # What `-P` does.
        sys.path[:] = [folder for folder in sys.path if folder != str(Path.cwd())]
        status = pip._internal.cli.main.main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
