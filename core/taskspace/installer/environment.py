"""The environment that `tasks` runs in: what plugins are installed into, and what can go wrong."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from taskspace.errors import RegistryError
from taskspace.python_process import python_command

Say = Callable[[str], None]
"""Tells the user one line of what is going on."""


@dataclass(frozen=True)
class Environment:
    """A Python environment.

    Attributes:
        python: its interpreter.
        prefix: its root folder.
        state: the folder in which `tasks plugin` keeps its journal and its ledger; there only
            while there is something to keep.
    """

    python: Path
    prefix: Path
    state: Path

    @classmethod
    def current(cls) -> Environment:
        """Return the environment of this process."""
        prefix = Path(sys.prefix)
        return cls(Path(sys.executable), prefix, prefix / "share" / "taskspace")

    @property
    def is_virtual(self) -> bool:
        """Return whether it is a virtual environment."""
        return sys.prefix != sys.base_prefix

    def pip(self) -> list[str]:
        """Return the command that runs pip for this environment.

        It is the environment's own pip, else the one that Python brings to make environments
        with, else one that uv runs: environments made by uv have none.

        Raises:
            RegistryError: if there is none of them.
        """
        if find_spec("pip") is not None:
            return python_command("-m", "pip", python=self.python)
        if (bundled := _bundled_pip()) is not None:
            return python_command(bundled / "pip", python=self.python)
        if (uv := shutil.which("uv")) is not None:
            return [uv, "tool", "run", "--quiet", "pip", "--python", str(self.python)]
        raise RegistryError(
            "There is no pip here, and no uv to run one.",
            where=str(self.prefix),
            advice=f"Install one: {self.python} -m ensurepip, or see https://docs.astral.sh/uv.",
        )

    def refuse_unless_writable(self) -> None:
        """Raise RegistryError if nothing may be installed here.

        Raises:
            RegistryError: if the system's package manager owns it, or it cannot be written.
        """
        managed = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
        if not self.is_virtual and managed.exists():
            raise RegistryError(
                "tasks runs in the system's own Python, which only its package manager may change.",
                where=str(self.prefix),
                advice="Make a virtual environment (python3 -m venv .venv), install taskspace "
                "there, and add plugins with its `tasks`.",
            )
        if not os.access(sysconfig.get_path("purelib"), os.W_OK):
            raise RegistryError(
                "The environment that tasks runs in cannot be written.",
                where=sysconfig.get_path("purelib"),
                advice="Install taskspace into a virtual environment of yours.",
            )

    def traps(self, environment: Mapping[str, str] = os.environ) -> list[str]:
        """Return, as sentences, what may surprise whoever installs something here."""
        found = []
        active = environment.get("VIRTUAL_ENV")
        if active and Path(active).resolve() != self.prefix.resolve():
            found.append(
                f"Another environment is active ({active}); this `tasks` runs in {self.prefix}, "
                "and the plugin goes there."
            )
        if (self.prefix / "uv-receipt.toml").exists():
            found.append(
                "This is a tool environment of uv: `uv tool upgrade` makes it anew without the "
                "plugin. `uv tool install taskspace --with PLUGIN` keeps it."
            )
        if (self.prefix / "pipx_metadata.json").exists():
            found.append(
                "This is an environment of pipx: `pipx reinstall` makes it anew without the "
                "plugin. `pipx inject taskspace PLUGIN` keeps it."
            )
        if self.prefix.name == ".venv" and (self.prefix.parent / "uv.lock").exists():
            found.append(
                "This environment belongs to a project with uv.lock: `uv sync` removes what is "
                "not in it. `uv add PLUGIN` keeps it."
            )
        return found

    @contextmanager
    def locked(self, say: Say) -> Iterator[int]:
        """Let one command at a time change plugins here; a second one waits.

        The lock is on the environment's folder itself, so that nothing is left behind. It gives
        the file descriptor that holds it: an installer that inherits it keeps the environment
        locked for as long as it runs, even when the command that started it was killed.
        """
        folder = os.open(self.prefix, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another `tasks plugin` command is at work in this environment; waiting.")
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)


def _bundled_pip() -> Path | None:
    bundled = Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"
    wheels = sorted(bundled.glob("pip-*.whl"))
    return wheels[-1] if wheels else None
