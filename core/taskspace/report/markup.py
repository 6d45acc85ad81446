"""The only place where text becomes HTML: whatever is not `Markup` is escaped."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "wbr"})
_JOINT = re.compile(r"(?<=[_/])(?=\w)")

Attribute = str | int | float | bool | None


class Markup(str):
    """HTML as it stands; construct it by hand only from text that the package itself ships."""

    __slots__ = ()


def clean(text: str) -> str:
    """Return `text` with what no HTML or UTF-8 file may hold replaced by U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape(text: str) -> Markup:
    """Return `text` as HTML that shows exactly it, in content and in quoted attributes."""
    return text if isinstance(text, Markup) else Markup(html.escape(clean(text), quote=True))


def breakable(text: str) -> Markup:
    """Return `text` as HTML that may also break after the joints of a name like `at_least`."""
    return Markup("<wbr>".join(escape(part) for part in _JOINT.split(clean(text))))


def breakable_label(text: str) -> str | None:
    """Return `text` for an attribute that a style shows, breakable alike; None if empty."""
    return "\N{ZERO WIDTH SPACE}".join(_JOINT.split(text)) or None


def join(parts: Iterable[str | None]) -> Markup:
    """Return the parts one after another; what is not `Markup` is escaped, None is nothing."""
    return Markup("".join(escape(part) for part in parts if part is not None))


def _value(name: str, value: str | int | float) -> str:
    if isinstance(value, str):
        return escape(value)
    if not math.isfinite(value):
        raise ValueError(f"The attribute {name} got the number {value}; only finite ones draw.")
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")


def tag(name: str, /, *children: str | None, **attributes: Attribute) -> Markup:
    """Return `<name attributes>children</name>`.

    Attribute names are written as Python allows (`class_`, `aria_label`, `viewBox`); None and
    False leave an attribute out, True writes it bare, numbers keep two decimals.

    Raises:
        ValueError: if an attribute is a number that is not finite.
    """
    opening = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.removesuffix("_").replace("_", "-")
        opening.append(attribute if value is True else f'{attribute}="{_value(attribute, value)}"')
    start = f"<{' '.join(opening)}>"
    return Markup(start if name in _VOID else f"{start}{join(children)}</{name}>")
