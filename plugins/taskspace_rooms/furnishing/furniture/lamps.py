"""Lamps, in the make of their building."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, Solid, cone, cylinder, piece, sphere
from taskspace_rooms.furnishing.style import Paint, Style, display, grey, plain


def floor_lamp(draw: Draw, style: Style) -> Piece:
    """Return a lamp as tall as a person."""
    height = draw.between(1.35, 1.75)
    size = draw.between(0.16, 0.22)
    return piece(
        "lamp",
        [
            cylinder(style.metals[0], 0.14, 0.03),
            cylinder(style.metals[0], 0.016, height - 1.3 * size - 0.03, (0, 0, 0.03)),
            _shade(style, _cloth(draw, style), size, height - 1.5 * size),
        ],
    )


def table_lamp(draw: Draw, style: Style) -> Piece:
    """Return a lamp for a table."""
    size, paint = draw.between(0.1, 0.15), draw.pick((style.metals[0], style.pot, style.accents[0]))
    return piece(
        "lamp",
        [
            cone(paint, 0.07, 0.02, 0.2),
            _shade(style, _cloth(draw, style), size, 0.18),
        ],
    )


def ceiling_lamp(draw: Draw, style: Style, drop: float) -> Piece:
    """Return a lamp that hangs by `drop` metres; its cord ends at local z = 0."""
    size = draw.between(0.14, 0.24)
    return piece(
        "lamp",
        [
            cylinder(style.metals[0], 0.012, drop, (0, 0, -drop)),
            _shade(style, _cloth(draw, style), size, -drop - 1.4 * size),
        ],
    )


def flat_lamp(draw: Draw, style: Style) -> Piece:
    """Return a disc that sits under the ceiling at local z = 0."""
    radius = draw.between(0.15, 0.28)
    return piece("lamp", [cylinder(style.ceramic, radius, 0.07, (0, 0, -0.07))])


def _cloth(draw: Draw, style: Style) -> Paint:
    warm = plain(draw, display(0.12, draw.between(0.05, 0.3), 0.96))
    return draw.pick((warm, warm, style.accents[0], plain(draw, grey(0.96))))


def _shade(style: Style, paint: Paint, size: float, bottom: float) -> Solid:
    if style.shade == "ball":
        return sphere(paint, size, (0, 0, bottom + size))
    if style.shade == "drum":
        return cylinder(paint, size, 1.5 * size, (0, 0, bottom))
    return cone(paint, 1.15 * size, 0.6 * size, 1.5 * size, (0, 0, bottom))
