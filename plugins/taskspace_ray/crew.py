"""The crew of `ray`: orders to the process that speaks with ray, and its news."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any

from taskspace.components import Assignment, Crew, Report, Workplace
from taskspace.errors import ExecutorError
from taskspace_ray.process import DriverProcess
from taskspace_ray.surroundings import (
    HERE,
    LAST_CALL_SECONDS,
    cluster_folder,
    marked,
    task_environment,
)


class RayCrew(Crew):
    """Ray tasks as workers.

    Args:
        workplace: where cells run, as on every node of the cluster.
        workers: how many tasks at once; None for as many as the cluster has CPUs or GPUs.
        address: of the cluster, or `HERE`.
        patience: seconds to wait for the cluster.

    Raises:
        ExecutorError: if there is no such cluster.
    """

    def __init__(
        self, workplace: Workplace, workers: int | None, address: str, patience: float
    ) -> None:
        if workers is not None and workers < 1:
            raise ExecutorError(
                f"Found {workers} workers.", advice="Ask for at least one: --workers 1."
            )
        self._where = None if address == HERE else address
        self._size = 0
        self._news: list[Report] = []
        self._closed = False
        with ExitStack() as stack:
            mark = stack.enter_context(marked(workplace.store))
            folder = stack.enter_context(cluster_folder()) if address == HERE else None
            empty = stack.enter_context(TemporaryDirectory(prefix="taskspace-ray-"))
            self._driver = DriverProcess(empty, starts_cluster=address == HERE)
            stack.callback(self._driver.close)
            self._driver.say(
                {
                    "workplace": workplace.as_json(),
                    "workers": workers,
                    "address": address,
                    "patience": patience,
                    "cpus": max(workers or 1, len(os.sched_getaffinity(0))),
                    "folder": folder,
                    "mark": mark,
                    "environment": task_environment(workplace),
                }
            )
            self._wait_for_size(patience)
            self._holdings = stack.pop_all()

    @property
    def size(self) -> int:
        """Return how many tasks may be under way; nodes that come and go change it."""
        return self._size

    def submit(self, assignment: Assignment) -> None:
        """Hand the assignment to ray, which finds a node for it."""
        self._driver.say({"assignment": assignment.as_json()})

    def reports(self, timeout: float) -> Sequence[Report]:
        """Return what the tasks have said since, and which were lost.

        Raises:
            ExecutorError: if the cluster is lost, or cannot do what it is asked.
        """
        if not self._news and not self._listen(timeout):
            raise ExecutorError(
                f"The connection to the ray cluster was lost. {self._driver.last_words()}".rstrip(),
                where=self._where,
                advice="What was computed is kept; the same command goes on from here.",
            )
        news, self._news = self._news, []
        return news

    def close(self, *, now: bool = False) -> None:
        """Let the tasks end, or interrupt and then kill them; leave the cluster, or end ours."""
        if self._closed:
            return
        self._closed = True
        with self._holdings:
            self._driver.say({"close": "now" if now else "idle"})
            try:
                self._driver.wait(LAST_CALL_SECONDS)
            except KeyboardInterrupt:
                self._driver.say({"close": "hard"})
                self._driver.wait(LAST_CALL_SECONDS)
                raise

    def _wait_for_size(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not self._size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ExecutorError(
                    f"The ray cluster did not answer within {patience:g} s.",
                    where=self._where,
                    advice="Look whether it runs (`ray status`), or give it more patience: "
                    f"--executor '{{use: ray, patience: {2 * patience:g}}}'.",
                )
            if not self._listen(left):
                raise ExecutorError(
                    f"The process that speaks with ray ended. {self._driver.last_words()}".rstrip(),
                    where=self._where,
                    advice="Try --executor local.",
                )

    def _listen(self, timeout: float) -> bool:
        """Take in what the driver says within the time; return whether it lives."""
        lives, said = self._driver.listen(timeout)
        for news in said:
            self._take(news)
        return lives

    def _take(self, news: Mapping[str, Any]) -> None:
        if "report" in news:
            self._news.append(Report(**news["report"]))
        elif "size" in news:
            self._size = news["size"]
        else:
            refusal: Mapping[str, Any] = news["refusal"]
            raise ExecutorError(refusal["what"], where=refusal["where"], advice=refusal["advice"])
