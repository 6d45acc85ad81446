"""JSON from a process or a file that nobody vouches for, read within bounds."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

DEPTH = 40
"""Levels of lists and mappings inside each other; the built-ins' descriptions have nine."""

PARTS = 5_000
"""Values in one schema; that of the study `taxonomy` has 600."""

TEXT = 4_000
"""Characters of one text."""


def read_bounded(file: Path, limit: int) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no file, as where a pipe was put in its place, or has more than `limit`
            bytes.
    """
    if not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("it is no file")
    # Nobody may put a pipe in its place meanwhile, which would never end.
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"it has more than {limit / 1e6:g} MB")
    return content


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
