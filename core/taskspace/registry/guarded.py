"""Running a plugin's code in this very process: it may take so long, and may not end the process.

That a plugin was described in a process of its own says little: it may do otherwise here. What
calls the C library (`ctypes`) or sends this process a signal ends it all the same, the latter with
a status that is not 0.
"""

from __future__ import annotations

import os
import posix
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from taskspace.errors import RegistryError
from taskspace.registry.contained import LIMIT_VARIABLE, time_limit

_ENDINGS = ("_exit", "abort", "execv", "execve")
"""What ends a process, with status 0 or a successor's, and no `finally` clause runs."""

AGAIN_SECONDS = 1.0
"""Code that swallows the exception of the time limit gets another one after this time."""


class Ended(BaseException):
    """The code is stopped; no Exception, so that `except Exception` does not swallow it."""


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Run a plugin's code within the time limit for describing it, unable to end this process.

    The limit holds in the main thread alone: Python interrupts no other.

    Args:
        what: is done, as a sentence begins: `Importing weather.plugin:Rain`.

    Raises:
        RegistryError: if the code takes too long, or would end the process.
        InputError: if TASKS_DESCRIBE_SECONDS is wrong.
    """
    seconds = time_limit()
    try:
        with ExitStack() as stack:
            stack.enter_context(_unable_to_exit(what))
            stack.enter_context(_limited(seconds))
            yield
    except Ended as error:
        raise RegistryError(f"{what} {error}.") from error


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getitimer(signal.ITIMER_REAL)[0]:  # somebody else's alarm clock
        yield
        return
    is_running = True

    def late(*_: object) -> None:
        if is_running:
            raise Ended(f"took more than {seconds:g} s ({LIMIT_VARIABLE} allows more)")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        is_running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if signal.getsignal(signal.SIGALRM) is late:
            signal.signal(signal.SIGALRM, before)


@contextmanager
def _unable_to_exit(what: str) -> Iterator[None]:
    """Have what ends a process raise an error, and in threads or later end it with status 1.

    Later: the code may keep what it has found under these names. A forked child ends as ever.
    """
    process, thread, is_running = os.getpid(), threading.current_thread(), True
    real = {name: getattr(os, name) for name in _ENDINGS}

    def standing_in(name: str) -> Callable[..., NoReturn]:
        def end(*arguments: Any, **named: Any) -> NoReturn:
            if os.getpid() != process:
                real[name](*arguments, **named)
            how = f"would end this process (os.{name})"
            if is_running and threading.current_thread() is thread:
                raise Ended(how)
            os.write(2, f"{what} has left code behind that {how}.\n".encode())
            real["_exit"](1)
            raise AssertionError("unreachable")

        return end

    stand_ins = {name: standing_in(name) for name in _ENDINGS}
    _set(stand_ins)
    try:
        yield
    finally:
        is_running = False
        _set({name: real[name] for name in _ENDINGS if getattr(os, name) is stand_ins[name]})


def _set(functions: dict[str, Any]) -> None:
    for module in (os, posix):
        for name, function in functions.items():
            setattr(module, name, function)
