"""How Python processes of ours are started: none imports anything from its working directory."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path


def python_command(*arguments: str | Path, python: str | Path = sys.executable) -> list[str]:
    """Return the command that runs Python with `arguments`.

    `-P` keeps the working directory and the folder of a script off `sys.path`. Not `-I`: that
    would ignore PYTHONPATH, by which users say where to import from.
    """
    return [str(python), "-P", *map(str, arguments)]


def import_isolation(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables with which a process, and whatever it starts, imports nothing from here.

    An empty entry of PYTHONPATH means the working directory and is left out. Entries that name a
    folder stay, as absolute paths: a child may run elsewhere.

    Args:
        environment: that the process would have otherwise.
    """
    isolated = {"PYTHONSAFEPATH": "1"}
    if "PYTHONPATH" in environment:
        isolated["PYTHONPATH"] = joined_folders(environment["PYTHONPATH"].split(os.pathsep))
    return isolated


def joined_folders(folders: list[str]) -> str:
    """Return a value of PYTHONPATH; what is empty is left out, the rest is made absolute."""
    return os.pathsep.join(os.path.abspath(folder) for folder in folders if folder)  # noqa: PTH100  not resolved


def python_environment(**more: str) -> dict[str, str]:
    """Return the environment of a Python process of ours: this one's, isolated, and `more`."""
    return {**os.environ, **import_isolation(), **more}


def ending(status: int) -> str:
    """Return how a process ended, in words.

    Args:
        status: its return code as `subprocess` counts it, below 0 for a signal.
    """
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:  # one of the real-time signals, most of which have no name
        return f"signal {-status}"
