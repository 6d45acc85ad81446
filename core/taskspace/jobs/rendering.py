"""Problems for people (a caret under the source line) and for machines (JSON)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from taskspace.errors import Problem

if TYPE_CHECKING:
    from taskspace.components import JSON

WIDEST_LINE = 100
"""Characters of a source line that are shown; of a longer one, those around the caret."""
_BEFORE_CARET = 60


def render(problem: Problem) -> str:
    """Return `file:line:col: message [code]`, the source line, a caret line and the suggestion."""
    if problem.line:
        where = f"{problem.file}:{problem.line}:{problem.column}"
    else:
        where = f"{problem.file}: {problem.path}" if problem.path else problem.file
    parts = [f"{where}: {problem.message} [{problem.code}]"]
    if problem.source_line:
        parts += _snippet(problem)
    if problem.suggestion:
        parts.append(f"Did you mean '{problem.suggestion}'?")
    return "\n".join(parts)


def as_json(problems: Iterable[Problem]) -> dict[str, JSON]:
    """Return `{errors: [{code, message, file, line, column, path, suggestion}]}`.

    Lines and columns count from 1; they are null where there is no text, as for a mapping.
    """
    return {
        "errors": [
            {
                "code": problem.code,
                "message": problem.message,
                "file": problem.file,
                "line": problem.line or None,
                "column": problem.column or None,
                "path": problem.path,
                "suggestion": problem.suggestion,
            }
            for problem in problems
        ]
    }


def _snippet(problem: Problem) -> list[str]:
    line, start = problem.source_line, problem.column - 1
    first = max(0, start - _BEFORE_CARET) if len(line) > WIDEST_LINE else 0
    shown = line[first : first + WIDEST_LINE]
    left, right = "..." * (first > 0), "..." * (first + WIDEST_LINE < len(line))
    marked = line[start : min(start + problem.width, first + WIDEST_LINE)]
    # Tabs stay tabs, so that the caret is below its character however wide a terminal shows them.
    before = "".join(c if c == "\t" else " " * _cells(c) for c in line[first:start])
    carets = "^" * max(sum(map(_cells, marked)), 1)
    return [f"    {left}{shown}{right}", f"    {' ' * len(left)}{before}{carets}"]


def _cells(character: str) -> int:
    """Return how many cells of a terminal a character fills (UAX 11)."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
