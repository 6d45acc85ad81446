"""Child processes for unknown code: each ends when told to, with whatever it has started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from taskspace.python_process import (
    joined_folders,
    python_command,
    python_environment,
)

SUPERVISOR = Path(__file__).with_name("supervisor.py")
GRACE_SECONDS = 10.0
"""In this time a supervisor has killed everything, unless the system holds a process back."""


class Supervised:
    """A module that runs under `supervisor`, see there.

    Args:
        command: the module and its arguments. It has no input, and what it prints is not shown.
        folder: its working directory.
        first: folders from which it imports before those of this process's `sys.path`.
    """

    def __init__(self, command: Sequence[str], folder: Path, first: Sequence[str]) -> None:
        # What does not exist is a marker of some import hook; '' is the working directory.
        paths = [entry for entry in (*first, *sys.path) if Path(entry).exists()]
        self._process = subprocess.Popen(
            python_command(SUPERVISOR, *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing is written into an author's source tree.
            env=python_environment(PYTHONPATH=joined_folders(paths), PYTHONDONTWRITEBYTECODE="1"),
            cwd=folder,
            start_new_session=True,
        )
        self._output = b""
        self._status: int | None = None

    def wait(self, seconds: float) -> int | None:
        """Return its status, as `subprocess` counts it, or None if it runs on after this time.

        When there is a status, nothing that it has started runs any more.
        """
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while self._status is None:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                return None
            chunk = os.read(self._process.stdout.fileno(), 512)
            self._output += chunk
            if not chunk:
                self._status = self._return_code()
        return self._status

    def close(self) -> None:
        """End it, if it runs, and what it has started."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _return_code(self) -> int:
        number, _, code = self._output.decode().partition("\n")
        if code.strip():
            return int(code)
        # The supervisor was killed, by the child most likely. What that has detached is lost.
        with suppress(ProcessLookupError, PermissionError, ValueError):
            os.killpg(int(number), signal.SIGKILL)
        return self._process.wait()


def run_contained(
    command: Sequence[str], *, folder: Path, seconds: float, first: Sequence[str] = ()
) -> int | None:
    """Run a module as `started_contained` does; return its status, None if it hung."""
    with started_contained(command, folder=folder, first=first) as child:
        return child.wait(seconds)


def started_contained(
    command: Sequence[str], *, folder: Path, first: Sequence[str] = ()
) -> closing[Supervised]:
    """Start a module; at the end it is killed, with all that it started and left running.

    See `Supervised` for the arguments.
    """
    return closing(Supervised(command, folder, first))
