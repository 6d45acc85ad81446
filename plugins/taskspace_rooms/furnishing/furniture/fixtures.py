"""What belongs to the walls: local y = 0 is the wall's face, z = 0 the floor unless said."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, Solid, box, cylinder, piece, sphere
from taskspace_rooms.furnishing.style import Paint, Style


def window(draw: Draw, style: Style, width: float, height: float) -> Piece:
    """Return a framed pane with a cross bar and a sill; local z = 0 is its lower edge."""
    trim, bar = style.trim, 0.05 * style.bulk
    parts: list[Solid] = [
        box(trim, width, 0.05, height, (0, 0.025, 0)),
        box(style.glass, width - 2 * bar, 0.01, height - 2 * bar, (0, 0.055, bar)),
        box(trim, bar * 0.8, 0.02, height - 2 * bar, (0, 0.065, bar)),
    ]
    if draw.chance(0.25):
        parts.append(box(trim, width - 2 * bar, 0.02, bar * 0.8, (0, 0.065, height * 0.62)))
    if draw.chance(0.6):
        parts.append(box(trim, width + 0.1, 0.14, 0.03, (0, 0.07, -0.03)))
    return piece("window", parts)


def door(draw: Draw, style: Style) -> Piece:
    """Return a closed door in its frame, with panels or without, and a knob."""
    width, height = draw.between(0.8, 0.98), draw.between(1.98, 2.1)
    leaf = draw.pick((style.trim, style.woods[0], style.accents[2]))
    side = draw.pick((-1, 1))
    parts: list[Solid] = [
        box(style.trim, width + 0.16, 0.03, height + 0.08, (0, 0.015, 0)),
        box(leaf, width, 0.02, height - 0.01, (0, 0.04, 0.005)),
        sphere(style.metals[1], 0.035, (side * (width / 2 - 0.08), 0.08, 1.02)),
    ]
    if draw.chance(0.3):
        for bottom, tall in ((0.15, 0.75), (1.15, height - 1.35)):
            parts.append(box(leaf, width - 0.3, 0.015, tall, (0, 0.0575, bottom)))
    return piece("door", parts)


def pillar(draw: Draw, style: Style, height: float, paint: Paint) -> Piece:
    """Return a pillar from floor to ceiling."""
    size = draw.between(0.22, 0.42)
    if draw.chance(0.4):
        return piece("pillar", [cylinder(paint, size / 2, height)])
    return piece("pillar", [box(paint, size, size, height)])


def picture(draw: Draw, style: Style) -> Piece:
    """Return a framed picture; local z = 0 is its lower edge."""
    width, height = draw.between(0.35, 1.1), draw.between(0.35, 0.85)
    frame = draw.pick((*style.woods, style.metals[0], style.ceramic))
    canvas = draw.pick((*style.accents, *style.fabrics))
    parts = [
        box(frame, width, 0.03, height, (0, 0.015, 0)),
        box(canvas, width - 0.08, 0.01, height - 0.08, (0, 0.035, 0.04)),
    ]
    if draw.chance(0.4):
        inner = draw.pick(style.accents)
        parts.append(
            box(inner, width * 0.4, 0.006, height * 0.4, (0.05 * width, 0.043, 0.25 * height))
        )
    return piece("picture", parts)


def mirror(draw: Draw, style: Style) -> Piece:
    """Return a pale framed plate for above a basin."""
    width, height = draw.between(0.45, 0.8), draw.between(0.55, 0.85)
    return piece(
        "picture",
        [
            box(style.metals[1], width, 0.025, height, (0, 0.0125, 0)),
            box(style.glass, width - 0.05, 0.008, height - 0.05, (0, 0.029, 0.025)),
        ],
    )


def board(draw: Draw, style: Style, width: float) -> Piece:
    """Return a board to write on, dark or white, with its ledge."""
    dark = style.metals[0]._replace(first=(0.03, 0.09, 0.06))
    face = draw.pick((dark, dark, style.ceramic))
    return piece(
        "board",
        [
            box(style.woods[0], width, 0.03, 1.2, (0, 0.015, 0)),
            box(face, width - 0.08, 0.01, 1.12, (0, 0.035, 0.04)),
            box(style.woods[0], width - 0.1, 0.08, 0.025, (0, 0.07, 0)),
        ],
    )


def curtain(draw: Draw, style: Style, height: float) -> Piece:
    """Return one hanging length of cloth; local z = 0 is its lower edge."""
    cloth = draw.pick((style.fabrics[1], style.fabrics[2]))
    return piece("curtain", [box(cloth, draw.between(0.22, 0.4), 0.07, height, (0, 0.045, 0))])
