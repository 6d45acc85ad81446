"""Runs a module in a child process, and ends with it whatever the child has started.

Started as `python -P supervisor.py MODULE ARGUMENTS...`. It writes the child's process number to
standard output, and after the end of all of it the child's return code, as `subprocess` counts it.
Its standard input is held open by whoever started it: when that is closed, by hand or by death,
everything is killed at once.

On Linux the supervisor adopts orphans, so that also what has left the child's session (`setsid`, a
double fork) ends. Elsewhere only the child's process group does.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import select
import signal
import sys
from pathlib import Path

# linux/prctl.h
_KILL_WITH_PARENT = 1
_ADOPT_ORPHANS = 36


def main(module: str, arguments: list[str]) -> None:
    """Run the module in a child; in this process, see to its end."""
    _prctl(_ADOPT_ORPHANS, 1)
    child = os.fork()
    if child == 0:
        _run(module, arguments)
    else:
        os.write(1, b"%d\n" % child)
        code = _ended(child)
        _end(child)
        if code is not None:
            os.write(1, b"%d\n" % code)


def _run(module: str, arguments: list[str]) -> None:
    """Become the child: in a session of its own, without the supervisor's streams."""
    _prctl(_KILL_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _ended(child: int) -> int | None:
    """Return the child's return code when it has ended; None if standard input closes before."""
    news, bell = os.pipe()
    os.set_blocking(news, False)
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        while (reaped := _reap()) is not None and reaped[0]:
            if reaped[0] == child:
                return reaped[1]
        readable, _, _ = select.select([0, news], [], [])
        if news in readable:
            os.read(news, 512)
        if 0 in readable and not os.read(0, 512):
            return None


def _reap(*, wait: bool = False) -> tuple[int, int] | None:
    """Return the number and return code of a child that has ended; 0 if all run, None if none is.

    Adopted orphans are children too.
    """
    try:
        number, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
    except ChildProcessError:
        return None
    return number, os.waitstatus_to_exitcode(status) if number else 0


def _end(child: int) -> None:
    """Kill the child's process group and, round by round, every child that is adopted with that."""
    _kill(child, group=True)
    while _reap() is not None:
        for number in _children():
            _kill(number)
        _reap(wait=True)


def _kill(process: int, *, group: bool = False) -> None:
    try:
        (os.killpg if group else os.kill)(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it is gone, or has become somebody else's
        return


def _children() -> list[int]:
    """Return the numbers of this process's children, where the system shows them (Linux)."""
    own = os.getpid()
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if entry.name.isdigit() and _parent(entry) == own
    ]


def _parent(entry: Path) -> int | None:
    try:
        # The name of the program, in brackets, may itself hold brackets and blanks.
        return int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):  # it has ended meanwhile
        return None


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
