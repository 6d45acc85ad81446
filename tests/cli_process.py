"""Commands as processes that need not start anew: each is a fork of one that has imported much.

A fresh `tasks run` spends most of its time in importing PyTorch, Pyomo and SciPy. A fork has a
working directory, an environment, streams and an exit status of its own all the same.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import resource
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from mode_bound import bound_by_modes
from warm_python import use

OURS = ("taskspace", "taskspace_cli", "taskspace_plugins", "taskspace_rooms")
HEAVY = (
    "highspy",
    "pyomo.contrib.solver.solvers.highs",
    "pyomo.environ",
    "pyomo.repn.plugins.lp_writer",
    "rich.markdown",
    "scipy.cluster.hierarchy",
    "scipy.stats",
    "torch.nn",
    "typer._adapters",
)


def command_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a command: this process's, without its settings for `tasks`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TASKS_")}
    return {**kept, "COLUMNS": "100", "TERM": "dumb", **more}


class Forks:
    """The process that is forked, started with the first command and ended by `close`.

    Args:
        python: of the environment that commands run in, where it is not this one.
        environment: what that process is started with.
        modules: further ones that it imports, which may lie beside this file.
    """

    def __init__(
        self,
        python: Path | str = sys.executable,
        environment: Mapping[str, str] | None = None,
        modules: Sequence[str] = (),
    ) -> None:
        self._command = [str(python), __file__, *modules]
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: tuple[str, ...], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `tasks ...` in the working directory and return what it said."""
        return self.start(arguments, environment).wait()

    def start(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        directory: Path | None = None,
        site: Path | None = None,
        before: str = "",
        bound: bool = False,
        limits: Mapping[str, int] | None = None,
        streams: Mapping[str, str | None] | None = None,
    ) -> Fork:
        """Start `tasks ...`, as the leader of a session of its own.

        Args:
            arguments: those of `tasks`.
            environment: all variables.
            directory: where; the working directory of this process where it is None.
            site: a folder whose .pth files count as they are now.
            before: statements that are run first.
            bound: whether modes of files bind it, even if it is root's.
            limits: what the system allows it, by the names of `resource`: `RLIMIT_FSIZE`.
            streams: for `out` and `err`, another file; None closes it.
        """
        folder = Path(tempfile.mkdtemp())
        order = {
            "arguments": arguments,
            "environment": dict(environment),
            "directory": str(directory or Path.cwd()),
            "site": site and str(site),
            "before": before,
            "bound": bound,
            "out": str(folder / "out"),
            "err": str(folder / "err"),
            "limits": dict(limits or {}),
            **(streams or {}),
        }
        return Fork(self, arguments, folder, int(self.ask({"start": order})))

    def ask(self, order: object) -> str:
        """Return what the process answers."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._environment,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


@dataclass
class Fork:
    """A command that was started: `number` is that of its process and of its process group."""

    forks: Forks
    arguments: tuple[str, ...]
    folder: Path
    number: int

    def runs(self) -> bool:
        """Return whether it has not ended."""
        return self.forks.ask({"runs": self.number}) == "True\n"

    def wait(self) -> subprocess.CompletedProcess[str]:
        """Return what it said, when it has ended."""
        status = int(self.forks.ask({"wait": self.number}))
        said = [self.folder / name for name in ("out", "err")]
        out, err = (file.read_text("utf-8") if file.exists() else "" for file in said)
        shutil.rmtree(self.folder)
        return subprocess.CompletedProcess(self.arguments, status, out, err)


def _serve() -> None:
    """Fork as ordered, and answer with numbers and exit statuses of processes."""
    given = _folders(os.environ.get("PYTHONPATH", ""))
    own = sys.path[1 + len(given) :]
    for name in (*HEAVY, *_modules(), *sys.argv[1:]):
        importlib.import_module(name)
    # Collecting garbage would write to all that is shared with the forks.
    gc.freeze()
    started: dict[int, Any] = {}
    for line in sys.stdin:
        ((word, value),) = json.loads(line).items()
        if word == "start":
            command = get_context("fork").Process(target=_command, args=(value, own))
            command.start()
            started[command.pid] = command
            answer: object = command.pid
        elif word == "ready":
            answer = word
        elif word == "runs":
            answer = started[value].is_alive()
        else:
            command = started.pop(value)
            command.join()
            answer = command.exitcode
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _modules() -> Iterator[str]:
    """Yield the names of our modules, but for those that are programs or need a test runner."""
    for package in map(importlib.import_module, OURS):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith((".__main__", ".pytest_plugin")):
                yield module.name


def _command(order: dict[str, Any], own: list[str]) -> None:
    """Take on what a process is given when it is started, and run the command."""
    os.setsid()
    for number, name in ((1, "out"), (2, "err")):
        if order[name] is None:
            os.close(number)
        else:
            stream = os.open(order[name], os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(stream, number)
            os.close(stream)
    for name, most in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[:] = [order["directory"], *_folders(os.environ.get("PYTHONPATH", "")), *own]
    if order["bound"]:
        bound_by_modes()
    else:  # forks of another process have its rights
        use()
    importlib.invalidate_caches()
    if order["site"]:
        site.addsitedir(order["site"])
    sys.argv = ["tasks", *order["arguments"]]
    exec(order["before"], {"__name__": "__main__"})
    importlib.import_module("taskspace_cli.__main__").main()


def _folders(path: str) -> list[str]:
    return [folder for folder in path.split(os.pathsep) if folder]


if __name__ == "__main__":
    _serve()
