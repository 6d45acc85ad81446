"""A few long-lived worker processes on this machine: the default."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, ClassVar

from taskspace.components import Assignment, Crew, Executor, Report, Workplace, worker_environment
from taskspace.errors import ExecutorError
from taskspace.python_process import ending, python_command
from taskspace_plugins.executors._local_worker import READY

WORKER = "taskspace_plugins.executors._local_worker"
GRACE_SECONDS = 3.0
"""A worker that is told to stop, or interrupted, has this long to do so."""
GLANCE_SECONDS = 0.01


class Local(Executor):
    """Computes cells in worker processes on this machine, one thread each unless a cell asks."""

    name: ClassVar[str] = "local"

    def open(self, workplace: Workplace, workers: int | None) -> Crew:
        """Return a crew of `workers` processes; by default one for each CPU it may use."""
        size = len(os.sched_getaffinity(0)) if workers is None else workers
        return LocalCrew(workplace, size)


class LocalCrew(Crew):
    """Worker processes; one that dies is replaced, and its cells are reported as lost."""

    def __init__(self, workplace: Workplace, size: int) -> None:
        if size < 1:
            raise ExecutorError(
                f"Found {size} workers.", advice="Ask for at least one: --workers 1."
            )
        self._workplace = workplace
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        for _ in range(size):
            self._hire()

    @property
    def size(self) -> int:
        """Return the number of processes."""
        return len(self._workers)

    def submit(self, assignment: Assignment) -> None:
        """Hand the assignment to a worker that has none."""
        worker = next(worker for worker in self._workers if worker.assignment is None)
        worker.start(assignment)

    def reports(self, timeout: float) -> Sequence[Report]:
        """Return what the workers have said since, and who was lost."""
        reports: list[Report] = []
        for key, _ in self._selector.select(timeout):
            worker: _Worker = key.data
            alive, news = worker.listen()
            reports += news
            if not alive:
                reports += worker.losses()
                self._replace(worker)
        return reports

    def close(self, *, now: bool = False) -> None:
        """Tell the workers to go, or interrupt them; after a grace period they are killed.

        With them goes what they have started. Ctrl-C in the grace period ends it.
        """
        for worker in self._workers:
            worker.stop(now=now)
        try:
            _give_time(self._workers)
        finally:
            for worker in list(self._workers):
                self._dismiss(worker)
            self._selector.close()

    def _replace(self, worker: _Worker) -> None:
        if not worker.is_ready:
            raise ExecutorError(
                f"A worker process could not start. {worker.last_words()}",
                advice="Try --executor inline to see the error itself.",
            )
        self._dismiss(worker)
        self._hire()

    def _hire(self) -> None:
        worker = _Worker(self._workplace)
        self._workers.append(worker)
        self._selector.register(worker.output, selectors.EVENT_READ, worker)

    def _dismiss(self, worker: _Worker) -> None:
        self._selector.unregister(worker.output)
        self._workers.remove(worker)
        worker.close()


class _Worker:
    """One process and what it owes."""

    def __init__(self, workplace: Workplace) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        try:
            self._process = subprocess.Popen(
                python_command("-m", WORKER),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, **worker_environment()},
                start_new_session=True,  # Ctrl-C is for the run, which then stops its workers
            )
        except OSError as error:
            raise ExecutorError(
                f"A worker process cannot be started: {error.strerror}.",
                advice="Use fewer with --workers, or --executor inline.",
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self.output = self._process.stdout
        self._buffer = b""
        self.assignment: Assignment | None = None
        self.is_ready = False
        self._open: list[str] = []
        self._say(workplace.as_json())

    def start(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._open = [cell.key for cell in assignment.cells]
        self._say(assignment.as_json())

    def listen(self) -> tuple[bool, list[Report]]:
        """Return whether the process lives, and its complete lines as reports."""
        data = os.read(self.output.fileno(), 1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if lines and not self.is_ready:
            self.is_ready = lines.pop(0) == READY
        reports = [Report(**json.loads(line)) for line in lines]
        for report in reports:
            self._open.remove(report.key)
        if not self._open:
            self.assignment = None
        return bool(data), reports

    def losses(self) -> list[Report]:
        """Return a report for each cell that the dead process owes."""
        if self.assignment is None:
            return []
        message = self.last_words()
        return [Report("lost", self.assignment.number, key, message) for key in self._open]

    def last_words(self) -> str:
        """Return how the process ended and the end of what it wrote to standard error."""
        _give_time([self])
        status = self._reap()
        self._errors.seek(0)
        said = self._errors.read()[-400:].decode(errors="replace").strip()
        return f"The worker died ({ending(status)})." + (f" Its last words: {said}" if said else "")

    def stop(self, *, now: bool) -> None:
        if now:
            self._process.send_signal(signal.SIGINT)
        else:
            self._say({"end": True})

    def runs(self) -> bool:
        """Return whether the process has not ended; one that has is left for `_reap`."""
        if self._process.returncode is not None:
            return False
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        return ended is None

    def close(self) -> None:
        """Kill the process, if it runs, and what it has started; let go of its pipes."""
        self._reap()
        self.output.close()
        self._errors.close()
        with suppress(BrokenPipeError):  # a line that the dead process never read
            self._input.close()

    def _reap(self) -> int:
        """Return the status of the process, after whatever is left in its session is killed."""
        if self._process.returncode is None:
            # Only before it is waited for is its number certain to be nobody else's.
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    def _say(self, message: object) -> None:
        with suppress(BrokenPipeError):  # it has died: its closed output says so to `listen`
            self._input.write(json.dumps(message).encode() + b"\n")
            self._input.flush()


def _give_time(workers: Sequence[_Worker]) -> None:
    """Return when all have ended, or when the grace period has."""
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(worker.runs() for worker in workers):
        time.sleep(GLANCE_SECONDS)
