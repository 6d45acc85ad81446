"""Code of others in this very process, which must not end it as if all were well.

What calls the C library (`ctypes`) or sends this process a signal ends it all the same, the latter
with a status that is not 0.
"""

from __future__ import annotations

import os
import posix
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

_ENDINGS = ("_exit", "abort", "execv", "execve")
"""What ends a process, with status 0 or a successor's, and no `finally` clause runs."""


class Ended(BaseException):
    """The code is stopped; no Exception, so that `except Exception` does not swallow it."""


@contextmanager
def unable_to_exit(what: str) -> Iterator[None]:
    """Have what ends a process raise an error, and in threads or later end it with status 1.

    Later: the code may keep what it has found under these names. A forked child ends as ever.

    Args:
        what: runs, as a sentence begins: `Importing weather.plugin:Rain`.

    Raises:
        Ended: in the code, which may swallow it; then it has not ended anything.
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
