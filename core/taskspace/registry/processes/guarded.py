"""Running a plugin's code in this very process: it may take so long, and may not end the process.

That a plugin was described in a process of its own says little: it may do otherwise here. What
calls the C library (`ctypes`) or sends this process a signal ends it all the same, the latter with
a status that is not 0.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from taskspace.errors import RegistryError
from taskspace.registry.descriptions.contained import LIMIT_VARIABLE, time_limit
from taskspace.unable_to_exit import Ended, unable_to_exit

AGAIN_SECONDS = 1.0
"""Code that swallows the exception of the time limit gets another one after this time."""


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
        with unable_to_exit(what), _limited(seconds):
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
