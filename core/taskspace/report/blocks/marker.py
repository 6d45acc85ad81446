"""Markers of groups of points, told apart by colour and, in grey, by shape and filling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taskspace.components.page import PointGroup

_HUES = 8
_SHAPES = (
    (-3.0, 0.0, "a3 3 0 1 1 0 .1z"),
    (-2.7, -2.7, "h5.4v5.4h-5.4z"),
    (0.0, -3.8, "l3.5 6h-7z"),
    (0.0, -3.8, "l3.8 3.8-3.8 3.8-3.8-3.8z"),
    (0.0, 3.8, "l-3.5-6h7z"),
    (-1.0, -3.5, "h2v2.5h2.5v2h-2.5v2.5h-2v-2.5h-2.5v-2h2.5z"),
    (-4.0, -1.5, "h8v3h-8z"),
    (-1.5, -4.0, "h3v8h-3z"),
)
"""Where an outline begins, from its middle, and how it goes on: without crossing itself, as
markers that overlap in one path would have holes."""


@dataclass(frozen=True)
class Marker:
    """The look of a group: shape and hue counted from 0, filled or open."""

    shape: int
    hue: int
    is_open: bool

    @property
    def class_(self) -> str:
        """The class of the elements that are drawn with it."""
        return f"{'ring' if self.is_open else 'mark'} k{self.hue}"

    def outline(self, x: float, y: float) -> str:
        """Return the path of a marker with its middle at a point of the drawing."""
        begin_x, begin_y, rest = _SHAPES[self.shape]
        return f"M{x + begin_x:.1f} {y + begin_y:.1f}{rest}"


def markers_of(groups: Sequence[PointGroup]) -> list[Marker]:
    """Return a marker for each group; the first 16 differ in shape or filling.

    With families these are the first 8 families: filling tells their two groups apart.
    """
    by_filling = not any(group.family for group in groups)
    families: dict[str | int, int] = {}
    markers = []
    for index, group in enumerate(groups):
        family = group.family or index
        second = family in families
        number = families.setdefault(family, len(families))
        turn = number // len(_SHAPES)
        shift = turn // 2 if by_filling else turn
        is_open = turn % 2 == 1 if by_filling else second
        markers.append(Marker(number % len(_SHAPES), (number + shift) % _HUES, is_open))
    return markers
