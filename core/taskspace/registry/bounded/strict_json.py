"""JSON from a process or a file that nobody vouches for, read within bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

DEPTH = 40
"""Levels of lists and mappings inside each other; the built-ins' descriptions have nine."""

PARTS = 5_000
"""Values in one schema; that of the study `taxonomy` has 600."""

TEXT = 4_000
"""Characters of one text."""


def parsed(content: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: if it is none in UTF-8, says NaN or Infinity, is nested too deep to be read, or
            holds half of a surrogate pair, which no text may.
    """
    try:
        value = json.loads(content.decode("utf-8"), parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return value


def refuse_oversized(value: object, name: str) -> None:
    """Raise ValueError if a JSON value has too many parts or levels, or too long a text.

    Args:
        value: of lists, mappings and plain values; it may even contain itself.
        name: what a sentence calls it.

    Raises:
        ValueError: with what is too much.
    """
    pending: list[tuple[object, int]] = [(value, 1)]
    count = 0
    while pending:
        part, level = pending.pop()
        count += 1
        if count > PARTS:
            raise ValueError(f"{name} has more than {PARTS:,} parts")
        if level > DEPTH:
            raise ValueError(f"{name} is nested more than {DEPTH} levels deep")
        for text in _texts(part):
            if len(text) > TEXT:
                raise ValueError(
                    f"{name} has a text of {len(text):,} characters ({text[:20]!r}...); at most "
                    f"{TEXT:,} are allowed"
                )
        if isinstance(part, dict):
            pending += [(item, level + 1) for item in part.values()]
        elif isinstance(part, list):
            pending += [(item, level + 1) for item in part]


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from (key for key in part if isinstance(key, str))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"it says {word}, which is no number of JSON")
