"""A few long-lived worker processes on this machine: the default."""

from __future__ import annotations

import os
from typing import ClassVar

from taskspace.components import Crew, Executor, Workplace
from taskspace_plugins.executors._local_crew import LocalCrew


class Local(Executor):
    """Computes cells in worker processes on this machine, one thread each unless a cell asks."""

    name: ClassVar[str] = "local"

    def open(self, workplace: Workplace, workers: int | None) -> Crew:
        """Return a crew of `workers` processes; by default one for each CPU it may use."""
        size = len(os.sched_getaffinity(0)) if workers is None else workers
        return LocalCrew(workplace, size)
