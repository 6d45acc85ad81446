"""Names inside drawings, where nothing wraps: how wide they are, and how they are cut."""

from __future__ import annotations

import unicodedata

_EM = 0.6
"""Mean width of a letter in the widest of the usual system fonts (DejaVu Sans), in ems."""


def _ems(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn"}:
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else _EM


def width(text: str, size: float) -> float:
    """Return an upper estimate of the width of `text` in pixels at a font size in pixels."""
    return size * sum(_ems(character) for character in text)


def fit(text: str, size: float, room: float) -> str:
    """Return `text`, cut with an ellipsis where it would be wider than `room` pixels."""
    line = " ".join(text.split())
    if width(line, size) <= room:
        return line
    left = room / size - _EM
    kept: list[str] = []
    for character in line:
        left -= _ems(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"
