"""Lists of pairs as they were published: an attribute and an object a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from taskspace.errors import DataError
from taskspace.regular_file import read_regular
from taskspace_plugins.datasets._refusals import LISTED
from taskspace_plugins.datasets.compositional._word_table import Names

_ADVICE = "A list of pairs has an attribute and an object a line: `old bear`."


def read_pairs(path: Path) -> tuple[Names, ...]:
    """Return the pairs of a list, sorted.

    Raises:
        DataError: if it cannot be read, is empty, or has a line without two words.
    """
    try:
        lines = read_regular(path).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise DataError(
            f"The list of pairs cannot be read: {reason}.",
            where=str(path),
            advice="Set `root` to the folder that holds the published lists and `split` to the one "
            "that is there.",
        ) from error
    pairs: set[Names] = set()
    for number, line in enumerate(lines, start=1):
        names = tuple(line.split())
        if names and len(names) != 2:
            raise DataError(
                f"This line has {len(names)} words, not two: {line.strip()!r}.",
                where=f"{path}:{number}",
                advice=_ADVICE,
            )
        if names:
            pairs.add(names)
    if not pairs:
        raise DataError("There is no pair in this list.", where=str(path), advice=_ADVICE)
    return tuple(sorted(pairs))


def named_pairs(pairs: Sequence[Names]) -> str:
    """Return up to ten compositions for an error."""
    more = f" and {len(pairs) - LISTED} more" if len(pairs) > LISTED else ""
    return ", ".join(" ".join(names) for names in pairs[:LISTED]) + more
