"""Names of files that cannot be written as text, and how to write them nevertheless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from taskspace.errors import DataError

LISTED = 10
"""How many names an error lists."""
_UNWRITTEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of characters (bytes that are no text), line and paragraph ends."""


def printable(name: str) -> str:
    """Return a name with an escape in place of each character or byte that cannot be written."""
    return "".join(map(_written, name))


def refuse_unprintable(folder: Path, names: Iterable[str]) -> None:
    """Check that names can be written as text: in tables, results and terminals.

    Raises:
        DataError: lists up to ten of those that cannot, as they can be written.
    """
    wrong = [name for name in names if not name.isprintable() and printable(name) != name]
    if wrong:
        more = f" and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
        listed = ", ".join(map(printable, sorted(wrong)[:LISTED]))
        raise DataError(
            f"{len(wrong)} name{'s' if len(wrong) > 1 else ''} of files cannot be written as text: "
            f"{listed}{more}.",
            where=printable(str(folder)),
            advice="Rename them, without control characters and in UTF-8.",
        )


def _written(char: str) -> str:
    if unicodedata.category(char) not in _UNWRITTEN:
        return char
    # Python reads a byte that is no text as half a character.
    return f"\\x{ord(char) - 0xDC00:02x}" if "\udc80" <= char <= "\udcff" else repr(char)[1:-1]
