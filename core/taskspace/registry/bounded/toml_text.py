"""TOML from outside, read within bounds."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from taskspace.tables import decoded

MAX_BYTES = 1 << 20
"""What a file may have at most: a registry.toml of a thousand plugins has a fifth of it."""
_DEEPEST = 64


def parsed_toml(content: bytes) -> dict[str, Any]:
    """Return the tables of a TOML file, which may begin with a byte order mark.

    Raises:
        ValueError: says what is wrong with it and in which line.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"It has more than {MAX_BYTES >> 20} MiB.")
    text = decoded(content)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"It is not TOML: {error}.") from error
    except ValueError as error:
        # Python converts decimal numbers of 4,300 digits at most.
        found = re.search(r"[0-9_]{4300}", text)
        line = text.count("\n", 0, found.start() if found else 0) + 1
        raise ValueError(f"A number in it is too long (at line {line}).") from error
    except RecursionError as error:
        raise ValueError(f"It is nested too deeply (at line {_deep_line(text)}).") from error


def _deep_line(text: str) -> int:
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        for character in line:
            depth += (character in "[{") - (character in "]}")
            if depth > _DEEPEST:
                return number
    return 1
