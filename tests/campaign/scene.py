"""What a try of the campaign works with: chance, an empty folder, and commands that must behave."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cli_process import Fork, Forks, command_environment
from said import Said
from small_job import SMALL_JOB

QUIET = {"CI": "", "OMP_NUM_THREADS": "1"}
STATUSES = frozenset({0, 1, 2, 130})
"""How a command may end: done, failed, asked for something wrong, interrupted."""


class Fault(Exception):
    """A command did what no command may do."""


def expect(condition: object, message: str) -> None:
    """Raise Fault unless a condition holds."""
    if not condition:
        raise Fault(message)


@dataclass
class Stage:
    """What the tries of one process share: a warm command, and a run that nothing disturbed."""

    root: Path
    forks: Forks = field(default_factory=Forks)

    @cached_property
    def finished(self) -> Path:
        """Return a folder with a job, and the store and runs that it left."""
        place = self.root / "finished"
        place.mkdir()
        (place / "job.yaml").write_text(SMALL_JOB)
        self.tasks(place, "check", "job.yaml")  # the first command waits for imports
        started = time.monotonic()
        said = self.tasks(place, "run", "job.yaml", "--executor", "inline")
        self.seconds = time.monotonic() - started
        expect(said.status == 0, f"the undisturbed run failed: {said.err[-500:]}")
        return place

    @cached_property
    def result(self) -> dict[str, Any]:
        """Return what it found."""
        (file,) = (self.finished / "runs").glob("*/result.json")
        result: dict[str, Any] = json.loads(file.read_bytes())
        return result

    def tasks(self, folder: Path, *arguments: str, **environment: str) -> Said:
        """Run `tasks ...` in a folder.

        Raises:
            Fault: if it ends in a traceback or with an unknown status.
        """
        os.chdir(folder)
        done = self.forks.run(arguments, command_environment({**QUIET, **environment}))
        os.chdir(self.root)
        return sound(Said(done.returncode, done.stdout, done.stderr), arguments)


@dataclass
class Scene:
    """One try."""

    stage: Stage
    chance: random.Random
    folder: Path

    def tasks(self, *arguments: str, **environment: str) -> Said:
        """Run `tasks ...` in this try's folder."""
        return self.stage.tasks(self.folder, *arguments, **environment)

    def finished(self) -> Path:
        """Give this try's folder a copy of the undisturbed job, store and runs; return the run."""
        shutil.copytree(self.stage.finished, self.folder, symlinks=True, dirs_exist_ok=True)
        (run,) = (self.folder / "runs").iterdir()
        return run

    def job(self) -> None:
        """Give this try's folder the job alone."""
        _ = self.stage.finished
        (self.folder / "job.yaml").write_text(SMALL_JOB)

    def start(
        self,
        *arguments: str,
        limits: Mapping[str, int] | None = None,
        streams: Mapping[str, str | None] | None = None,
        **environment: str,
    ) -> Fork:
        """Start `tasks ...` as the leader of a process group of its own, as `Forks.start` does."""
        os.chdir(self.folder)
        started = self.stage.forks.start(
            arguments, command_environment({**QUIET, **environment}), limits=limits, streams=streams
        )
        os.chdir(self.stage.root)
        return started

    def ended(self, fork: Fork) -> Said:
        """Wait for a started command and return what it said.

        Raises:
            Fault: as `tasks` does.
        """
        done = fork.wait()
        return sound(Said(done.returncode, done.stdout, done.stderr), fork.arguments)

    def same_result(self) -> bool:
        """Return whether `tasks show` says what the undisturbed run found."""
        said = self.tasks("show", "small", "--json")
        return said.status == 0 and json.loads(said.out) == self.stage.result

    def expect_result(self, what: str) -> None:
        """Run the job to its end and compare what it found with the undisturbed run.

        Raises:
            Fault: if it does not end well, or found something else.
        """
        said = self.tasks("run", "job.yaml", "--executor", "inline")
        expect(
            said.status == 0, f"after {what}, the run ended with {said.status}: {said.err[-800:]}"
        )
        expect(self.same_result(), f"after {what}, the run found something else")


def sound(said: Said, arguments: object) -> Said:
    """Return what a command said.

    Raises:
        Fault: if it ends in a traceback or with an unknown status.
    """
    both = said.out + said.err
    expect("Traceback" not in both, f"{arguments}: a traceback: {both[-800:]}")
    expect(said.status in STATUSES, f"{arguments}: status {said.status}: {both[-300:]}")
    return said


def kill_group(fork: Fork) -> None:
    """Kill a started command and all processes of its group, and see it end."""
    with suppress(ProcessLookupError):
        os.killpg(fork.number, signal.SIGKILL)
    fork.wait()


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that run."""
    file = Path(f"/proc/{process}/task/{process}/children")
    try:
        return [int(number) for number in file.read_text().split()]
    except OSError:
        return []


def descendants(process: int) -> list[int]:
    """Return the processes that a process has started, and those that these have."""
    return [below for child in children(process) for below in (child, *descendants(child))]


Try = Callable[[Scene], int | None]
"""One try, or a number of tries on one scene; raises Fault where something does not hold."""
