"""Contained children that are forks of a process which has imported what they need.

A process that describes or checks a plugin spends most of its time in importing pydantic or
PyTorch. A fork has streams, a session, a working directory, an environment, a `sys.path`, resource
limits and an exit status of its own all the same. What is proven of a fresh interpreter takes the
fixture `cold_python`.

Forks of one server serve describing, which no plugin needs PyTorch for; those of another the rest.
A server starts when it is first needed, and ends with the session that listens for it.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import resource
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace, TracebackType

from taskspace.registry.processes import supervised

ADDRESS = "WARM_PYTHON_SOCKETS"
"""The environment variable that names the folder of the sockets."""
PYTHON = "WARM_PYTHON"
"""The environment variable that names the Python that is served."""
LIGHT = ("taskspace.registry.descriptions.child",)
HEAVY = (
    *LIGHT,
    "pyomo.environ",
    "scipy.stats",
    "taskspace.testing.plugin_child",
    "taskspace.testing.child",
    "torch.nn",
)
STREAMS = {
    "stdin": subprocess.PIPE,
    "stdout": subprocess.PIPE,
    "stderr": subprocess.DEVNULL,
    "start_new_session": True,
}
LIMITS = ("RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_DATA")
_HEADER = 8


class Warmth:
    """The servers of one Python, from when they are needed until `close`.

    Args:
        python: which they are.
        environment: what they are started with.

    Attributes:
        variables: with which `use` finds them.
    """

    def __init__(self, python: str, environment: Mapping[str, str]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))
        self.variables = {ADDRESS: str(self._folder), PYTHON: python}
        with ExitStack() as stack:
            numbers = []
            for name in ("light", "heavy"):
                listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                listener.bind(str(self._folder / name))
                listener.listen()
                numbers.append(listener.fileno())
            self._process = subprocess.Popen(
                [python, "-P", __file__, *map(str, numbers)],
                stdin=subprocess.PIPE,
                pass_fds=numbers,
                env=dict(environment),
            )

    def wait(self) -> None:
        """Return when the first server has started."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(str(self._folder / "light"))
            line.shutdown(socket.SHUT_WR)
            line.recv(1)

    def close(self) -> None:
        """End the servers."""
        self._process.communicate()
        shutil.rmtree(self._folder)


def use() -> None:
    """Let contained children of this process be forks, if a server listens for this Python."""
    if os.environ.get(PYTHON) == sys.executable:
        names = {name: getattr(subprocess, name) for name in subprocess.__all__}
        vars(supervised)["subprocess"] = SimpleNamespace(**names | {"Popen": Warm})


class Warm:
    """A fork, with what of `subprocess.Popen` those need who start Python.

    Args:
        command: Python, `-P`, a file and its arguments, the first of which is a module.
        cwd: the working directory.
        env: all variables.
        streams: as `Supervised` wants them.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        **streams: object,
    ) -> None:
        assert streams == STREAMS
        python, safe, *arguments = command
        assert (python, safe) == (sys.executable, "-P")
        server = "light" if arguments[1] in LIGHT else "heavy"
        read, self_in = os.pipe()
        self_out, write = os.pipe()
        order = json.dumps(
            {
                "arguments": arguments,
                "environment": dict(env),
                "folder": str(cwd),
                "limits": {name: resource.getrlimit(getattr(resource, name)) for name in LIMITS},
            }
        ).encode()
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.connect(f"{os.environ[ADDRESS]}/{server}")
        socket.send_fds(self._line, [b"%*d" % (_HEADER, len(order))], [read, write])
        self._line.sendall(order)
        os.close(read)
        os.close(write)
        self.stdin = os.fdopen(self_in, "wb")
        self.stdout = os.fdopen(self_out, "rb")
        self.pid = int(self._word())
        self.returncode: int | None = None

    def _word(self) -> bytes:
        return self._line.recv(_HEADER, socket.MSG_WAITALL)

    def poll(self) -> int | None:
        """Return its status if it has ended."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its status when it has ended.

        Raises:
            subprocess.TimeoutExpired: if it has not after so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("python", timeout or 0.0)
            self.returncode = int(self._word())
            self._line.close()
        return self.returncode

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def _serve(light: int, heavy: int) -> None:
    """Return in a fork that has become what was ordered; end when standard input closes."""
    own = list(sys.path)
    listeners = {
        light: socket.socket(fileno=light),
        heavy: socket.socket(fileno=heavy),
    }
    _import(LIGHT)
    while True:
        ready, _, _ = select.select([0, *listeners], [], [])
        _reap()
        if 0 in ready:
            os._exit(0)
        for number in ready:
            if number == heavy and light in listeners:
                # The first who needs it has another server of it.
                if os.fork():
                    listeners.pop(heavy).close()
                    continue
                listeners.pop(light).close()
                _import(HEAVY)
            line, _ = listeners[number].accept()
            if not os.fork():
                for listener in listeners.values():
                    listener.close()
                _become(line, own)
                return
            line.close()


def _import(names: Sequence[str]) -> None:
    for name in names:
        importlib.import_module(name)
    # Collecting garbage would write to all that is shared with the forks.
    gc.freeze()


def _reap() -> None:
    """Let the forks go that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(line: socket.socket, own: list[str]) -> None:
    """Return in the process that was ordered; in this one, report its number and its status."""
    header, streams, _, _ = socket.recv_fds(line, _HEADER, 2)
    if not header:  # who only waited for this
        os._exit(0)
    order = json.loads(line.recv(int(header), socket.MSG_WAITALL))
    if child := os.fork():
        for stream in streams:
            os.close(stream)
        os.chdir("/")
        try:
            line.sendall(b"%*d" % (_HEADER, child))
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            line.sendall(b"%*d" % (_HEADER, status))
        finally:
            os._exit(0)
    line.close()
    os.setsid()
    for number, stream in enumerate([*streams, os.open(os.devnull, os.O_WRONLY)]):
        os.dup2(stream, number)
        os.close(stream)
    for name, limits in order["limits"].items():
        resource.setrlimit(getattr(resource, name), limits)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    folders = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.path[:] = [*folders, *own]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    sys.argv[:] = order["arguments"]
    importlib.invalidate_caches()
    use()


class _AsInterpreter:
    """Turns how a block ends into what the interpreter would make of it: `status`."""

    status = 0

    def __enter__(self) -> _AsInterpreter:
        return self

    def __exit__(
        self, _kind: object, error: BaseException | None, at: TracebackType | None
    ) -> bool:
        if isinstance(error, SystemExit):
            self.status = error.code if isinstance(error.code, int) else error.code is not None
        elif error is not None:
            sys.excepthook(type(error), error, at)
            self.status = 1
        return True


if __name__ == "__main__":
    _serve(*map(int, sys.argv[1:]))
    with _AsInterpreter() as end:
        runpy.run_path(sys.argv[0], run_name="__main__")
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    # Finalising the interpreter would write to all that is shared, too.
    os._exit(end.status)
