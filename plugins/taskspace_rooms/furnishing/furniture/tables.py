"""Tables: to eat at, to work at, to put a cup on."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture.legs import legs
from taskspace_rooms.furnishing.parts import Piece, box, cylinder, piece
from taskspace_rooms.furnishing.style import Paint, Style


def dining_table(draw: Draw, style: Style) -> Piece:
    """Return a table for two to eight, square or round."""
    height = draw.between(0.72, 0.78)
    if draw.chance(style.round_tables):
        return _round(style, draw.pick(style.woods), draw.between(0.5, 0.72), height)
    width, depth = draw.between(1.1, 2.1), draw.between(0.75, 1.0)
    return _square(style, draw.pick(style.woods), width, depth, height)


def coffee_table(draw: Draw, style: Style) -> Piece:
    """Return a low table."""
    height, top = (
        draw.between(0.32, 0.46),
        draw.pick((*style.woods, style.metals[0], style.accents[2])),
    )
    if draw.chance(style.round_tables):
        return _round(style, top, draw.between(0.35, 0.5), height)
    return _square(style, top, draw.between(0.8, 1.3), draw.between(0.45, 0.65), height)


def side_table(draw: Draw, style: Style) -> Piece:
    """Return a small table, for beside a bed or a chair."""
    height, top = draw.between(0.42, 0.6), draw.pick((*style.woods, style.accents[0]))
    if draw.chance(style.round_tables):
        return _round(style, top, draw.between(0.2, 0.28), height)
    return _square(style, top, draw.between(0.38, 0.5), draw.between(0.36, 0.45), height)


def desk(draw: Draw, style: Style) -> Piece:
    """Return a desk, often with a chest of drawers under one end."""
    width, depth = draw.between(1.1, 1.7) * style.scale, draw.between(0.6, 0.8) * style.scale
    height, thick = draw.between(0.71, 0.77), 0.04 * style.bulk
    top = draw.pick((*style.woods, style.trim))
    make = "panels" if style.legs == "column" else style.legs
    parts = [
        *legs(style, draw.pick((top, style.metals[0])), width, depth, height - thick, make),
        box(top, width, depth, thick, (0, 0, height - thick)),
    ]
    if draw.chance(0.5):
        side = draw.pick((-1, 1))
        chest = (side * (width / 2 - 0.3), 0.0, 0.05)
        parts.append(box(style.metals[1], 0.4, depth * 0.8, height - thick - 0.05, chest))
    return piece("table", parts)


def school_desk(draw: Draw, style: Style) -> Piece:
    """Return a desk of three parts for a row of them."""
    width, height = draw.between(0.7, 1.2) * style.scale, draw.between(0.68, 0.75)
    return _square(style, style.woods[0], width, 0.5 * style.scale, height, "panels")


def _square(
    style: Style, top: Paint, width: float, depth: float, height: float, make: str | None = None
) -> Piece:
    thick = 0.04 * style.bulk
    return piece(
        "table",
        [
            *legs(style, top, width, depth, height - thick, make or style.legs),
            box(top, width, depth, thick, (0, 0, height - thick)),
        ],
    )


def _round(style: Style, top: Paint, radius: float, height: float) -> Piece:
    thick = 0.04 * style.bulk
    return piece(
        "table",
        [
            *legs(style, top, 1.4 * radius, 1.4 * radius, height - thick, style.legs),
            cylinder(top, radius, thick, (0, 0, height - thick)),
        ],
    )
