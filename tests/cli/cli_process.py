"""Commands as processes that need not start anew: each is a fork of one that has imported much.

A fresh `tasks run` spends most of its time in importing PyTorch, Pyomo and SciPy. A fork has a
working directory, an environment, streams and an exit status of its own all the same.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any

HEAVY = (
    "highspy",
    "pyomo.contrib.solver.solvers.highs",
    "pyomo.environ",
    "pyomo.repn.plugins.lp_writer",
    "rich.markdown",
    "scipy.cluster.hierarchy",
    "scipy.stats",
    "taskspace.jobs.gate",
    "taskspace.studies.taxonomy.measured",
    "taskspace_cli.main",
    "torch.nn",
    "typer._adapters",
)


class Forks:
    """The process that is forked, started with the first command and ended by `close`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: tuple[str, ...], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `tasks ...` in the working directory and return what it said."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        with tempfile.TemporaryDirectory() as folder:
            out, err = (Path(folder, name) for name in ("out", "err"))
            order = {
                "arguments": arguments,
                "environment": dict(environment),
                "directory": str(Path.cwd()),
                "out": str(out),
                "err": str(err),
            }
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            status = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(
                arguments, status, out.read_text("utf-8"), err.read_text("utf-8")
            )

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


def _serve() -> None:
    """Fork at every order, and answer with the exit status."""
    given = _folders(os.environ.get("PYTHONPATH", ""))
    own = sys.path[1 + len(given) :]
    for name in HEAVY:
        importlib.import_module(name)
    # Collecting garbage would write to all that is shared with the forks.
    gc.freeze()
    for line in sys.stdin:
        command = get_context("fork").Process(target=_command, args=(json.loads(line), own))
        command.start()
        command.join()
        sys.stdout.write(f"{command.exitcode}\n")
        sys.stdout.flush()


def _command(order: dict[str, Any], own: list[str]) -> None:
    """Take on what a process is given when it is started, and run the command."""
    for number, name in ((1, "out"), (2, "err")):
        stream = os.open(order[name], os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[:] = [order["directory"], *_folders(os.environ.get("PYTHONPATH", "")), *own]
    sys.argv = ["tasks", *order["arguments"]]
    importlib.import_module("taskspace_cli.main").main()


def _folders(path: str) -> list[str]:
    return [folder for folder in path.split(os.pathsep) if folder]


if __name__ == "__main__":
    _serve()
