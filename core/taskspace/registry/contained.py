"""Describing an unknown plugin where it can do no harm to the command: in a child process."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from taskspace.errors import InputError
from taskspace.python_process import joined_folders, python_command, python_environment
from taskspace.registry.description import Description
from taskspace.registry.discovery import Found

TIME_LIMIT = 60.0
"""Seconds that describing may take: importing torch from a cold disk takes twenty."""


LIMIT_VARIABLE = "TASKS_DESCRIBE_SECONDS"
"""The environment variable that sets another limit, for slow disks."""


@dataclass(frozen=True)
class Described:
    """What a plugin provides, or why that could not be learned.

    Attributes:
        seconds: that importing the plugin's modules took, beyond taskspace itself.
    """

    components: tuple[Description, ...] = ()
    failure: str | None = None
    seconds: float | None = None


def time_limit(environment: Mapping[str, str] = os.environ) -> float:
    """Return how many seconds describing may take here.

    Raises:
        InputError: if TASKS_DESCRIBE_SECONDS is no number above 0.
    """
    text = environment.get(LIMIT_VARIABLE) or str(TIME_LIMIT)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise InputError(
            f"{LIMIT_VARIABLE} is {text!r}; it must be a number of seconds.",
            advice=f"Unset it for {TIME_LIMIT:g} s.",
        )
    return seconds


def describe_in_child(
    found: Found, *, seconds: float = TIME_LIMIT, first: Sequence[str] = ()
) -> Described:
    """Return what a plugin provides, learned in a child process.

    Neither an error nor an exit, a crash or a hang of the plugin reaches the caller, and nothing
    that it prints is shown.

    Args:
        found: the plugin.
        seconds: after this time the child and all that it started are killed.
        first: folders from which it imports before all others.
    """
    request = json.dumps(
        {
            "entry_points": found.entry_points,
            "distribution": found.distribution,
            "version": found.version,
        }
    )
    with tempfile.TemporaryDirectory(prefix="taskspace-describe-") as folder:
        answer = Path(folder) / "answer.json"
        status = run_contained(
            ["taskspace.registry.child", str(answer), request],
            folder=Path(folder),
            seconds=seconds,
            first=first,
        )
        if status is None:
            return Described(
                failure=f"Describing it took more than {seconds:g} s "
                f"({LIMIT_VARIABLE} allows more)."
            )
        if not answer.exists():
            return Described(failure=f"It ended the process that described it ({ending(status)}).")
        data = json.loads(answer.read_text(encoding="utf-8"))
    if "failure" in data:
        return Described(failure=data["failure"])
    return Described(
        tuple(
            Description.from_json(item, found.distribution, found.version)
            for item in data["components"]
        ),
        seconds=data["seconds"],
    )


def run_contained(
    command: list[str], *, folder: Path, seconds: float, first: Sequence[str] = ()
) -> int | None:
    """Run a module as `started_contained` does; return its status, None if it hung."""
    with started_contained(command, folder=folder, first=first) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def started_contained(
    command: list[str], *, folder: Path, first: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a Python module; at the end it is killed, with all that it started and left running.

    Args:
        command: the module and its arguments. It has no input, and what it prints is not shown.
        folder: its working directory.
        first: folders from which it imports before those of this process's `sys.path`.
    """
    # What is relative and no folder is a marker of some import hook, and '' is the working
    # directory.
    paths = [entry for entry in (*first, *sys.path) if Path(entry).exists()]
    process = subprocess.Popen(
        python_command("-m", *command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Nothing is written into an author's source tree.
        env=python_environment(PYTHONPATH=joined_folders(paths), PYTHONDONTWRITEBYTECODE="1"),
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill(process)
        process.wait()


def ending(status: int) -> str:
    """Return how a process ended, in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name != "posix":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
