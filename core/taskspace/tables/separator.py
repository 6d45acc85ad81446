"""What parts the cells of a table: a comma, a semicolon or a tab, found from its header."""

from __future__ import annotations

import re
from collections.abc import Collection

from taskspace.errors import TableError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_CELL = r'(^|[,;\t]) *"(?:[^"]|"")*'
_QUOTED, _OPEN = re.compile(_CELL + '"'), re.compile(_CELL + "$")
_DECLARED = re.compile(r'"?sep=([,;\t])"?\s*')


def declared_separator(line: str) -> str | None:
    """Return what a first line such as `sep=;`, which spreadsheets write, says."""
    found = _DECLARED.fullmatch(line)
    return found[1] if found else None


def is_open(header: str) -> bool:
    """Return whether a quote is open at the end: the cell goes on in the next line."""
    return _OPEN.search(_QUOTED.sub(r"\1", header)) is not None


def separator_of(header: str, expected: Collection[str], where: str) -> str:
    """Return what parts the columns of a header; a comma where there is one column.

    What stands in quotes parts nothing. Where several could be meant, the one counts that makes
    more of the expected names.

    Args:
        header: the text of the first record.
        expected: names of columns that may be there.
        where: file and line, for errors.

    Raises:
        TableError: if several could be meant, or cells are parted by a bar.
    """
    bare = _QUOTED.sub(r"\1", header.strip("\r\n"))
    candidates = [mark for mark in _SEPARATORS if mark in bare.strip(" ")]
    if len(candidates) > 1:
        wanted = {name.strip().casefold() for name in expected}
        # Quotes around names are no part of them.
        names = {mark: {_bare(name) for name in header.split(mark)} for mark in candidates}
        hits = {mark: len(wanted & names[mark]) for mark in candidates}
        candidates = [mark for mark in candidates if hits[mark] == max(hits.values())]
    if len(candidates) > 1:
        marks = " and ".join(_SEPARATORS[mark] for mark in candidates)
        raise TableError(
            f"The header has {marks}, and either could part its columns: {header.strip()[:200]!r}.",
            where=where,
            advice='Put names with such a mark in quotes ("a;b"), or write a first line `sep=,` '
            "with the mark that parts columns.",
        )
    if not candidates and "|" in bare:
        raise TableError(
            "The header has no comma, semicolon or tab, and cells seem to be separated by '|'.",
            where=where,
            advice="Save the table as CSV with commas.",
        )
    return candidates[0] if candidates else ","


def _bare(name: str) -> str:
    return name.strip().strip('"').strip().casefold()
