"""The process that speaks with ray, seen from the run: lines in, lines out, and its end."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from taskspace.components import JSON
from taskspace.errors import ExecutorError
from taskspace.python_process import python_command
from taskspace_ray.surroundings import driver_environment

DRIVER = "taskspace_ray.driver"


class DriverProcess:
    """A child process in a session of its own.

    Args:
        folder: its working directory, an empty one: ray has every worker import from there first.
        starts_cluster: whether it starts a cluster, and joins none.

    Raises:
        ExecutorError: if it cannot be started.
    """

    def __init__(self, folder: str, *, starts_cluster: bool) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        try:
            self._process = subprocess.Popen(
                python_command("-m", DRIVER),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=driver_environment(starts_cluster=starts_cluster),
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for the run, which then stops its workers
            )
        except OSError as error:
            self._errors.close()
            raise ExecutorError(
                f"The process that speaks with ray cannot be started: {error.strerror}.",
                advice="Use --executor inline.",
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self._output = self._process.stdout
        self._buffer = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)

    def say(self, message: Mapping[str, JSON]) -> None:
        """Write one line."""
        with suppress(BrokenPipeError):  # it has died: its closed output says so to `listen`
            self._input.write(json.dumps(message).encode() + b"\n")
            self._input.flush()

    def listen(self, timeout: float) -> tuple[bool, Sequence[Mapping[str, Any]]]:
        """Return whether it lives, and what it says within the time."""
        if not self._selector.select(timeout):
            return True, ()
        data = os.read(self._output.fileno(), 1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return bool(data), [json.loads(line) for line in lines]

    def wait(self, seconds: float) -> None:
        """Return when it has closed its output, or the time is over; what it says is ignored."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._selector.select(left) and not os.read(self._output.fileno(), 1 << 16):
                return

    def last_words(self) -> str:
        """Return the end of what it wrote to standard error."""
        self._errors.seek(0)
        said = self._errors.read()[-400:].decode(errors="replace").strip()
        return f"Its last words: {said}" if said else ""

    def close(self) -> None:
        """Kill what is left of it and of what it has started; let go of its pipes."""
        # Before it is waited for: until then its number is nobody else's.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        self._output.close()
        self._errors.close()
        with suppress(BrokenPipeError):  # a line that the dead process never read
            self._input.close()
