"""Describing an unknown plugin where it can do no harm to the command: in a child process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from taskspace.registry.description import Description
from taskspace.registry.discovery import Found

TIME_LIMIT = 60.0
"""Seconds that describing may take: importing torch from a cold disk takes twenty."""


@dataclass(frozen=True)
class Described:
    """What a plugin provides, or why that could not be learned."""

    components: tuple[Description, ...] = ()
    failure: str | None = None


def describe_in_child(found: Found, *, seconds: float = TIME_LIMIT) -> Described:
    """Return what a plugin provides, learned in a child process.

    Neither an error nor an exit, a crash or a hang of the plugin reaches the caller, and nothing
    that it prints is shown.

    Args:
        found: the plugin.
        seconds: after this time the child and all that it started are killed.
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
            [sys.executable, "-P", "-m", "taskspace.registry.child", str(answer), request],
            folder=Path(folder),
            seconds=seconds,
        )
        if status is None:
            return Described(failure=f"Describing it took more than {seconds:g} s.")
        if not answer.exists():
            return Described(failure=f"It ended the process that described it ({_said(status)}).")
        data = json.loads(answer.read_text(encoding="utf-8"))
    if "failure" in data:
        return Described(failure=data["failure"])
    return Described(
        tuple(
            Description.from_json(item, found.distribution, found.version)
            for item in data["components"]
        )
    )


def run_contained(command: list[str], *, folder: Path, seconds: float) -> int | None:
    """Run a Python command with this process's `sys.path`; return its status, None if it hung."""
    paths = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100  '' is here
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        # Also what it started and left running.
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name != "posix":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _said(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
