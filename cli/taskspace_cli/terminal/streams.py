"""Standard streams that take any text, may be closed or full, and act on no control character."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, delete, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of text: what is read is not there
    "\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]"  # line ends, halves of pairs, invisible tags
)
_DRAWING = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
"""Colours and movements of the cursor, as rich writes them."""


def visible(text: str) -> str:
    r"""Return text from outside with its control characters as JSON's escapes: `\u001b`."""
    return _CONTROL.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


class TextStream(io.TextIOWrapper):
    """Text for a terminal or a file: what cannot be encoded, or controls a terminal, is escaped.

    Only a terminal gets colours and movements of the cursor.
    """

    def write(self, text: str, /) -> int:
        """Write text and return its length."""
        if _CONTROL.search(text):
            text = _with_drawings(text) if self.isatty() else visible(text)
        return super().write(text)


def _with_drawings(text: str) -> str:
    """Return text whose only control characters draw: those of rich, and carriage returns."""
    parts, start = [], 0
    for drawing in _DRAWING.finditer(text):
        parts += [_escaped(text[start : drawing.start()]), drawing[0]]
        start = drawing.end()
    return "".join([*parts, _escaped(text[start:])])


def _escaped(text: str) -> str:
    return "\r".join(visible(part) for part in text.split("\r"))


class _Lossy(io.FileIO):
    """A file whose refusals are ignored: nobody reads progress and warnings that have no place."""

    def write(self, content: object, /) -> int:
        try:
            return super().write(content)  # type: ignore[arg-type]  # as the base class takes it
        except OSError:
            return len(memoryview(content))  # type: ignore[arg-type]


@contextmanager
def standard_streams() -> Iterator[None]:
    """Give the process streams that fail as a command may: stderr never, stdout with status 1.

    Raises:
        SystemExit: with status 1 if stdout is full, closed or unread at the end.
    """
    _fill_places()
    sys.stdout = _stream(io.FileIO(1, "w", closefd=False), sys.stdout)
    sys.stderr = _stream(_Lossy(2, "w", closefd=False), sys.stderr)
    try:
        yield
    except OSError as error:
        _give_up(error)
    finally:
        try:
            # None after a command has met the same before.
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError as error:
            _give_up(error)


def _fill_places() -> None:
    """Open what the process was started without: the next file would get its number, and output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _stream(raw: io.FileIO, before: IO[str] | None) -> TextStream:
    encoding = getattr(before, "encoding", None) or "utf-8"
    buffer = io.BufferedWriter(raw)
    return TextStream(buffer, encoding=encoding, errors="backslashreplace", line_buffering=True)


def _give_up(error: OSError) -> None:
    """Say why the output ends here, unless its reader has gone, and exit with status 1."""
    # What is still in the buffer would be tried again at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not isinstance(error, BrokenPipeError):
        print(f"Error: the output cannot be written: {error.strerror}.", file=sys.stderr)  # noqa: T201
    sys.exit(1)
