"""Names inside drawings, where nothing wraps by itself: their width, their lines, their cuts."""

from __future__ import annotations

import re
import unicodedata

_EM = 0.6
"""Mean width of a letter in the widest of the usual system fonts (DejaVu Sans), in ems."""

_JOINT = re.compile(r"(?<=[\s_/+-])(?=\S)")


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


def lines(text: str, size: float, room: float, most: int = 2) -> list[str]:
    """Return `text` in at most `most` lines of `room` pixels, broken at spaces and joints.

    A part without a joint breaks where the line is full; the last line is cut as `fit` does.
    """
    rest = " ".join(text.split())
    made: list[str] = []
    while len(made) < most - 1 and width(rest, size) > room:
        line = _full_line(rest, size, room)
        made.append(line.rstrip())
        rest = rest[len(line) :]
    return [*made, fit(rest, size, room)]


def _full_line(text: str, size: float, room: float) -> str:
    """Return the longest beginning of `text` that fits and ends at a joint, or that fits."""
    joints = [joint.start() for joint in _JOINT.finditer(text)]
    fitting = [at for at in joints if width(text[:at].rstrip(), size) <= room]
    if fitting:
        return text[: fitting[-1]]
    end = 1
    while width(text[: end + 1], size) <= room:
        end += 1
    return text[:end]
