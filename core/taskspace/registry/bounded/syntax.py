"""Python source as a syntax tree, safe to ask for from several threads."""

from __future__ import annotations

import ast
import threading

# Python 3.11 keeps one count of the depth of all trees under construction (python/cpython#106905):
# two threads that parse at once may get a SystemError for sound source.
_ONE_AT_A_TIME = threading.Lock()


_TRIES = 20


def parsed(source: bytes) -> ast.Module:
    """Return the syntax tree of a module's source, parsed while no other thread asks for one.

    Other libraries parse without asking: after that error it is tried again.

    Raises:
        SyntaxError, ValueError: as `ast.parse` does.
    """
    with _ONE_AT_A_TIME:
        for _ in range(_TRIES - 1):
            try:
                return ast.parse(source)
            except SystemError:
                continue
        return ast.parse(source)
