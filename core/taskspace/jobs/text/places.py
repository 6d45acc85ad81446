"""Where things stand: texts that jobs are read from, and places in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

Steps = tuple[str | int, ...]
"""The way from a job's root to a value: keys and list indices."""

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """A text that a job, or a part of it, was read from.

    Attributes:
        label: how the user knows it: a file's name, or `--set`.
        base: the folder against which paths in it are read; absolute.
        order: problems are sorted by it first: 0 for the file, then each `--set` in turn.
        lines: the text; empty where there is none (a Python mapping).
    """

    label: str
    base: Path
    order: int = 0
    lines: tuple[str, ...] = ()

    @classmethod
    def of_text(cls, text: str, label: str, base: Path, order: int = 0) -> Source:
        """Return the source of `text`, its lines divided where YAML divides them."""
        lines = tuple(map(printable, _LINE_END.split(text)))
        return cls(printable(label), base, order, lines)


@dataclass(frozen=True)
class SourcePlace:
    """A stretch of one line; lines and columns count from 1, and are 0 where there is no text."""

    source: Source
    line: int = 0
    column: int = 0
    width: int = 1

    @property
    def source_line(self) -> str:
        """Return the line's text, empty where there is none."""
        return self.source.lines[self.line - 1] if 0 < self.line <= len(self.source.lines) else ""


def dotted(steps: Steps) -> str:
    """Return steps as a user writes them: `tasks.2.importance`."""
    return ".".join(printable(str(step)) for step in steps)


def printable(text: str) -> str:
    """Replace what could confuse a terminal, or not be encoded at all, one for one."""
    if text.isprintable():
        return text
    return "".join(
        "\ufffd"
        if character != "\t" and unicodedata.category(character) in ("Cc", "Cs")
        else character
        for character in text
    )
