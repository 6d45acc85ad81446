"""Values and texts from outside, as a sentence or a table can hold them."""

from __future__ import annotations

MAX_SHOWN = 80


def brief(value: object) -> str:
    """Return a value as Python writes it, in at most 80 characters."""
    try:
        return cut(repr(value), MAX_SHOWN)
    except (ValueError, RecursionError):
        # Python converts numbers of 4,300 decimal digits at most.
        return "a number that is too long to show"


def brief_key(key: str) -> str:
    """Return the name of a key as it is, or as `brief` shows it where it is long."""
    return key if len(key) <= MAX_SHOWN else brief(key)


def cut(text: str, length: int) -> str:
    """Return a text, shortened to at most `length` characters."""
    return text if len(text) <= length else f"{text[: length - 4]} ..."
