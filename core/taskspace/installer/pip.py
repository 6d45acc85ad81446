"""pip, as `tasks plugin` uses it: one wheel, a plan, and installs of what was planned alone."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from taskspace.errors import RegistryError, RunError
from taskspace.installer.environment import Environment, Say
from taskspace.python_process import python_environment

_KEPT = frozenset(
    {
        *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
        *("cert", "client-cert", "proxy", "timeout", "retries", "keyring-provider"),
        *("cache-dir", "no-cache-dir", "no-build-isolation", "pre"),
    }
)
"""The user's settings of pip that count here: where things come from. Those that send an install
elsewhere, or leave a part of it out, do not."""
_AS_PLANNED = (
    *("--no-deps", "--no-index"),
    # Nothing is uninstalled by a RECORD that somebody may have edited.
    *("--ignore-installed", "--no-compile", "--no-warn-script-location"),
)


@dataclass(frozen=True)
class Pin:
    """One distribution in one version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class Needed(Pin):
    """A distribution that another one needs.

    Attributes:
        source: what pip fetches it by: a pin, or an address where the requirement names one.
    """

    source: str


class Pip:
    """pip for one environment; every command is said before it runs.

    Each method raises RegistryError, with pip's own last words, if pip refuses.

    Args:
        environment: that things are installed into.
        lock: the file descriptor that holds the environment's lock; pip inherits it.
        say: is told each command.
    """

    def __init__(self, environment: Environment, lock: int, say: Say) -> None:
        self._pip = environment.pip()
        self._lock = lock
        self._say = say

    def wheel(self, what: Sequence[str], into: Path) -> None:
        """Build or download a wheel of each, without what it depends on, into a folder."""
        self._run("wheel", "--no-deps", "--wheel-dir", str(into), *what)

    def plan(self, wheel: Path, report: Path) -> list[Needed]:
        """Return what installing a wheel would install besides it, in pip's order.

        Args:
            wheel: the wheel.
            report: a file that may be written.
        """
        self._run("install", "--dry-run", "--report", str(report), str(wheel))
        planned = json.loads(report.read_text(encoding="utf-8"))["install"]
        return [_needed(item) for item in planned if not item.get("requested", False)]

    def stage(self, wheels: Sequence[Path], prefix: Path) -> None:
        """Install wheels into a folder of their own, as they would lie in the environment."""
        self._run("install", *_AS_PLANNED, "--prefix", str(prefix), *map(str, wheels))

    def install(self, pins: Sequence[Pin], wheels: Path) -> None:
        """Install exactly these, from a folder of wheels and from nowhere else."""
        self._run("install", *_AS_PLANNED, "--find-links", str(wheels), *map(str, pins))

    def install_editable(self, folder: Path) -> None:
        """Install a source tree such that changes to it are changes to what is installed."""
        options = ("--no-deps", "--ignore-installed", "--no-compile")
        self._run("install", *options, "--editable", str(folder))

    @cached_property
    def _variables(self) -> dict[str, str]:
        """Return the environment of pip: the user's settings that count here, and no others."""
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_NO_COLOR": "1"}
        others = {k: v for k, v in python_environment().items() if not k.startswith("PIP_")} | quiet
        known = {_variable(key) for key in (*_KEPT, "config-file")}
        asked = subprocess.run(
            [*self._pip, "config", "list"],
            capture_output=True,
            text=True,
            check=False,
            env=others | {k: v for k, v in os.environ.items() if k in known},
        )
        if asked.returncode != 0:
            raise RegistryError(
                f"pip cannot read its settings:\n{_last_words(asked.stdout + asked.stderr)}",
                where="pip config list",
                advice="\nCorrect its configuration file. Nothing was changed.",
            )
        found: dict[str, dict[str, str]] = {}
        for line in asked.stdout.splitlines():
            name, _, value = line.partition("=")
            section, _, key = name.rpartition(".")
            if key in _KEPT and (text := " ".join(str(literal_eval(value)).split())):
                found.setdefault(section, {})[_variable(key)] = text
        for section in ("global", "wheel", "install", ":env:"):
            others |= found.get(section, {})
        return others | {"PIP_CONFIG_FILE": os.devnull}

    def _run(self, command: str, *arguments: str) -> None:
        line = [*self._pip, command, *arguments]
        self._say(f"$ {shlex.join(line)}")
        try:
            done = subprocess.run(
                line,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._variables,
                pass_fds=(self._lock,),
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise RunError(
                f"pip cannot be started: {error.strerror}.", where=shlex.join(line)
            ) from error
        if done.returncode != 0:
            raise RegistryError(
                f"pip refused (exit status {done.returncode}):\n{_last_words(done.stdout)}",
                where=f"pip {command}",
                advice="\nNothing was changed.",
            )


def _variable(key: str) -> str:
    """Return the environment variable of one of pip's settings."""
    return f"PIP_{key.upper().replace('-', '_')}"


def _needed(item: dict[str, Any]) -> Needed:
    name, version = item["metadata"]["name"], item["metadata"]["version"]
    address = item["download_info"]["url"]
    direct = item.get("is_direct", False)
    return Needed(name, version, f"{name} @ {address}" if direct else f"{name}=={version}")


def _last_words(output: str) -> str:
    """Return pip's errors, or the end of what it said where it marks none."""
    said = [line.rstrip() for line in output.splitlines() if line.strip()]
    errors = [line for line in said if line.lstrip().lower().startswith("error")]
    return "\n".join(f"  {line}" for line in (errors or said)[-12:]) or "  (it said nothing)"
