"""Assignments as ray tasks, in the process that speaks with ray."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Any

import ray
from ray import exceptions

from taskspace.components import Report
from taskspace.errors import ExecutorError
from taskspace_ray.surroundings import HERE
from taskspace_ray.worker import compute

GRACE_SECONDS = 3.0
"""A cell that is interrupted has this long to clean up."""

FORCE_SECONDS = 5.0
"""Ray has this long to kill a task."""

LOOK_SECONDS = 1.0
"""How often the cluster is looked at: nodes come and go."""

Settings = Mapping[str, Any]
Demand = tuple[int, float]
"""CPUs and GPUs."""


@dataclass
class RayTask:
    """An assignment under way.

    Attributes:
        owed: keys of the cells without a report.
        since: when it was submitted or, later, last found possible (monotonic).
        worker: who computes it; None before it begins.
    """

    number: int
    owed: list[str]
    demand: Demand
    stream: ray.ObjectRefGenerator
    since: float
    worker: str | None = None
    thread: Thread | None = None


class Tasks:
    """Submits assignments and passes on what their tasks report.

    Args:
        settings: as `RayCrew` sends them.
        orders: `{assignment}` and `{close}`.
        say: tells the crew `report`, `size` or `refusal`; from several threads.
    """

    def __init__(
        self, settings: Settings, orders: Queue[dict[str, Any]], say: Callable[..., None]
    ) -> None:
        self._settings = settings
        self._orders = orders
        self._say = say
        self._place = json.dumps(settings["workplace"])
        self._on_gpu = settings["workplace"]["device"] == "cuda"
        self._tasks: list[RayTask] = []
        self._size = 0
        # Our scheduler retries; and a task waits until each report has arrived, so that a worker
        # that dies in its next cell takes none with it.
        self._compute = ray.remote(
            max_retries=0, num_returns="streaming", _generator_backpressure_num_objects=1
        )(compute)

    def serve(self) -> None:
        """Submit what is ordered until told to close.

        Raises:
            ExecutorError: if no node has what a cell needs.
        """
        next_look = 0.0
        while True:
            if (left := next_look - time.monotonic()) <= 0:
                self._look()
                next_look = time.monotonic() + LOOK_SECONDS
                continue
            try:
                order = self._orders.get(timeout=left)
            except Empty:
                continue
            if "close" in order:
                return self._close(at_once=order["close"] != "idle")
            self._submit(order["assignment"])

    def _submit(self, assignment: Mapping[str, Any]) -> None:
        needs = [cell["resources"] for cell in assignment["cells"]]
        cpus = max(need["cpus"] for need in needs)
        gpus = max(float(self._on_gpu), *(need["gpus"] for need in needs))
        submit = self._compute.options(num_cpus=cpus, num_gpus=gpus)
        stream = submit.remote(self._place, json.dumps(assignment), self._settings["mark"])
        owed = [cell["key"] for cell in assignment["cells"]]
        task = RayTask(assignment["number"], owed, (cpus, gpus), stream, time.monotonic())
        task.thread = Thread(target=self._follow, args=(task,), daemon=True)
        self._tasks = [other for other in self._tasks if other.thread and other.thread.is_alive()]
        self._tasks.append(task)
        task.thread.start()
        if self._settings["address"] == HERE:
            self._refuse_impossible(self._nodes())

    def _look(self) -> None:
        nodes = self._nodes()
        have = sum(int(gpus if self._on_gpu else cpus) for cpus, gpus in nodes)
        size = self._settings["workers"] or max(1, have)
        if size != self._size:
            self._size = size
            self._say(size=size)
        self._refuse_impossible(nodes)

    def _nodes(self) -> list[Demand]:
        totals = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        return [(total.get("CPU", 0), total.get("GPU", 0)) for total in totals]

    def _refuse_impossible(self, nodes: Sequence[Demand]) -> None:
        """Refuse a task that no node could ever run, once patience is over."""
        here, now = self._settings["address"] == HERE, time.monotonic()
        for task in self._tasks:
            cpus, gpus = task.demand
            if task.worker or any(cpus <= node[0] and gpus <= node[1] for node in nodes):
                task.since = now
            elif here or now - task.since > self._settings["patience"]:
                raise ExecutorError(
                    f"A cell needs {cpus} CPUs and {gpus:g} GPUs, and no node has them; the "
                    f"largest of {len(nodes)} nodes have {max((n[0] for n in nodes), default=0):g} "
                    f"CPUs and {max((n[1] for n in nodes), default=0):g} GPUs.",
                    where=None if here else self._settings["address"],
                    advice="Choose a cluster that has them with address, or another --device.",
                )

    def _follow(self, task: RayTask) -> None:
        """Pass on what a task reports, and what became of its cells if it does not."""
        try:
            for item in task.stream:
                news = json.loads(ray.get(item))
                if "worker" in news:
                    task.worker = news["worker"]
                else:
                    task.owed.remove(news["report"]["key"])
                    self._say(report=news["report"])
            loss = f"The worker ({task.worker}) ended before its work was done."
        except exceptions.TaskCancelledError:
            return
        except (exceptions.RayTaskError, exceptions.RuntimeEnvSetupError) as error:
            self._say(refusal=_not_able(task, error))
            return
        except exceptions.RayError as error:
            loss = _loss(task, error)
        for key in task.owed:
            self._say(report=asdict(Report("lost", task.number, key, loss)))

    def _close(self, *, at_once: bool) -> None:
        """Let all tasks end: by themselves, or interrupted, and after a grace period killed."""
        if at_once:
            for task in self._tasks:
                ray.cancel(task.stream)
            if not self._over(GRACE_SECONDS):
                for task in self._tasks:
                    ray.cancel(task.stream, force=True)
        self._over(FORCE_SECONDS)

    def _over(self, seconds: float) -> bool:
        """Return whether all tasks end within the time, or before the user loses patience."""
        deadline = time.monotonic() + seconds
        while any(task.thread and task.thread.is_alive() for task in self._tasks):
            try:
                if time.monotonic() > deadline or "close" in self._orders.get(timeout=0.02):
                    return False
            except Empty:
                continue
        return True


def _loss(task: RayTask, error: exceptions.RayError) -> str:
    who = f"The worker ({task.worker})" if task.worker else "A worker"
    if isinstance(error, exceptions.NodeDiedError):
        return f"{who} was lost: its node died."
    if isinstance(error, exceptions.OutOfMemoryError):
        return f"{who} was killed by ray: its node ran out of memory."
    if isinstance(error, exceptions.WorkerCrashedError):
        return f"{who} died."
    return f"{who} was lost: {' '.join(str(error).split())[:300]}"


def _not_able(task: RayTask, error: Exception) -> dict[str, str | None]:
    cause = getattr(error, "cause", None) or error
    reason = str(cause).strip().rpartition("\n")[2].rstrip(".")
    return {
        "what": f"A worker of the cluster cannot do its work: {type(cause).__name__}: {reason}.",
        "where": task.worker,
        "advice": "Install taskspace and the plugins of the job on every node, in the versions "
        "that are installed here.",
    }
