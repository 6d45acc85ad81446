"""Plain YAML scalars to values, by the core schema of YAML 1.2.2 (Sec. 10.3)."""

from __future__ import annotations

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)

LARGEST_INTEGER = 2**63 - 1
TOO_LONG = "This whole number does not fit into 64 bits."
_MOST_DIGITS = 100
"""Python refuses, and takes quadratic time for, integers of thousands of digits."""


class BadScalar(ValueError):
    """A scalar that looks like a number that cannot be used; the message says why."""


def resolve(text: str) -> bool | int | float | str | None:
    """Return the value of a plain (unquoted) scalar.

    Raises:
        BadScalar: for integers beyond 64 bits and numbers that are not finite.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    for pattern, base in ((_DECIMAL, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return _integer(text, base)
    if _FLOAT.fullmatch(text):
        return _finite(float(text), text)
    if _NOT_FINITE.fullmatch(text):
        return _finite(math.nan, text)
    return text


def is_null(text: str) -> bool:
    """Return whether a plain scalar means nothing."""
    return text in _NULL


def checked_number(value: int | float) -> int | float:
    """Return a number that came from Python, held to the same bounds.

    Raises:
        BadScalar: as for text.
    """
    if isinstance(value, float):
        return _finite(value, str(value))
    if abs(value) > LARGEST_INTEGER:
        raise BadScalar(TOO_LONG)
    return value


def checked_text(text: str) -> str:
    """Return a text that can be written anywhere; the halves of surrogate pairs are joined.

    JSON escapes characters beyond U+FFFF as such pairs, and YAML is meant to read JSON.

    Raises:
        BadScalar: for half of a pair.
    """
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadScalar("This text has half of a surrogate pair in it.") from None


def _integer(text: str, base: int) -> int:
    significant = text.lstrip("+-0ox")
    if len(significant) > _MOST_DIGITS:
        raise BadScalar(TOO_LONG)
    magnitude = int(significant or "0", base)
    if magnitude > LARGEST_INTEGER:
        raise BadScalar(TOO_LONG)
    return -magnitude if text.startswith("-") else magnitude


def _finite(value: float, text: str) -> float:
    if not math.isfinite(value):
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise BadScalar(f"{shown} is not a finite number; numbers here are at most about 1.8e308.")
    return value
