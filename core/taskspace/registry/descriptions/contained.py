"""Describing an unknown plugin where it can do no harm to the command: in a child process."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from taskspace.errors import InputError
from taskspace.python_process import ending
from taskspace.registry.bounded.strict_json import parsed
from taskspace.registry.descriptions.described import Described, read_described
from taskspace.registry.distributions.discovery import InstalledPlugin
from taskspace.registry.processes.supervised import run_contained
from taskspace.regular_file import read_regular

TIME_LIMIT = 60.0
"""Seconds that describing may take: importing torch from a cold disk takes twenty."""


LIMIT_VARIABLE = "TASKS_DESCRIBE_SECONDS"
"""The environment variable that sets another limit, for slow disks."""

ANSWER_BYTES = 2_000_000
"""Of what a plugin says of itself; the built-ins' 70 descriptions have 100,000."""


def time_limit() -> float:
    """Return how many seconds describing may take here.

    Raises:
        InputError: if TASKS_DESCRIBE_SECONDS is no number above 0.
    """
    text = os.environ.get(LIMIT_VARIABLE) or str(TIME_LIMIT)
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
    found: InstalledPlugin, *, seconds: float = TIME_LIMIT, first: Sequence[str] = ()
) -> Described:
    """Return what a plugin provides, learned in a child process.

    Neither an error nor an exit, a crash or a hang of the plugin reaches the caller, nothing that
    it prints is shown, and what it has started ends. Its answer is checked as a stranger's: the
    plugin may have changed what its process runs.

    Args:
        found: the plugin.
        seconds: after this time the child and all that it started are killed.
        first: folders from which it imports before all others.
    """
    named = {"distribution": found.distribution, "version": found.version}
    request = json.dumps({"entry_points": found.entry_points, **named})
    with TemporaryDirectory(prefix="taskspace-describe-", ignore_cleanup_errors=True) as folder:
        answer = Path(folder) / "answer.json"
        status = run_contained(
            ["taskspace.registry.descriptions.child", str(answer), request],
            folder=Path(folder),
            seconds=seconds,
            first=first,
        )
        if status is None:
            return Described(
                failure=f"Describing it took more than {seconds:g} s "
                f"({LIMIT_VARIABLE} allows more)."
            )
        try:
            return read_described(parsed(read_answer(answer)), found)
        except FileNotFoundError:
            return Described(failure=f"It ended the process that described it ({ending(status)}).")
        except ValueError as error:
            return Described(failure=f"What it says of itself cannot be used: {error}.")


def read_answer(file: Path) -> bytes:
    """Return what a child process has written to a file, which may be anything by now.

    Raises:
        FileNotFoundError: if it has written none.
        ValueError: if it cannot be read, is no plain file or has more than 2 MB.
    """
    try:
        return read_regular(file, limit=ANSWER_BYTES, follow=False)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from error
