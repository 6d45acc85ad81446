"""Shelves, cabinets, boxes."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, Solid, box, cylinder, piece, sphere
from taskspace_rooms.furnishing.style import Paint, Style


def bookshelf(draw: Draw, style: Style) -> Piece:
    """Return an open shelf with things on some of its boards."""
    width, depth = draw.between(0.7, 1.2), draw.between(0.26, 0.36)
    height, boards = draw.between(1.3, 2.1), 3
    frame, thick = draw.pick((*style.woods, style.trim)), 0.03 * style.bulk
    step = (height - thick) / boards
    parts: list[Solid] = [
        box(frame, width, 0.02, height, (0, 0.01 - depth / 2, 0)),
        box(frame, thick, depth, height, ((thick - width) / 2, 0, 0)),
        box(frame, thick, depth, height, ((width - thick) / 2, 0, 0)),
    ]
    inner = width - 2 * thick
    parts += [
        box(frame, inner, depth - 0.02, thick, (0, 0.005, level * step))
        for level in range(boards + 1)
    ]
    for level in draw.shuffled(range(boards))[: draw.whole(1, 2)]:
        parts.append(_books(draw, style, inner, depth, level * step + thick, step - thick))
    return piece("shelf", parts)


def rack(draw: Draw, style: Style) -> Piece:
    """Return a rack of boards between two open frames, for a store."""
    width, depth, height = draw.between(0.9, 1.5), draw.between(0.4, 0.55), draw.between(1.6, 2.1)
    metal, boards = draw.pick(style.metals), 3
    step = (height - 0.1) / (boards - 1)
    parts = [
        box(metal, 0.04, 0.04, height, (x * (width - 0.04) / 2, y * (depth - 0.04) / 2, 0))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    for level in range(boards):
        parts.append(
            box(style.woods[1], width - 0.01, depth - 0.01, 0.03, (0, 0, 0.05 + level * step))
        )
    for level in draw.shuffled(range(boards - 1))[:2]:
        side, tall = draw.between(0.25, 0.4), min(draw.between(0.2, 0.4), step - 0.08)
        x = draw.between(-1, 1) * (width / 2 - side / 2 - 0.05)
        parts.append(box(_cardboard(draw, style), side, 0.3, tall, (x, 0, 0.08 + level * step)))
    return piece("shelf", parts)


def wall_shelf(draw: Draw, style: Style) -> Piece:
    """Return a board on a wall with books on it."""
    width = draw.between(0.6, 1.1)
    paint = draw.pick(style.woods)
    return piece(
        "shelf",
        [
            box(paint, width, 0.24, 0.03),
            _books(draw, style, width, 0.24, 0.03, 0.3),
        ],
    )


def cabinet(draw: Draw, style: Style) -> Piece:
    """Return a chest of drawers or a cupboard of half height."""
    paint = draw.pick((*style.woods, style.trim, style.accents[1]))
    return fronted(
        draw, style, paint, draw.between(0.7, 1.3), draw.between(0.38, 0.5), draw.between(0.7, 1.1)
    )


def wardrobe(draw: Draw, style: Style) -> Piece:
    """Return a tall cupboard with two doors."""
    paint = draw.pick((*style.woods, style.trim))
    return fronted(
        draw, style, paint, draw.between(0.9, 1.5), draw.between(0.5, 0.62), draw.between(1.8, 2.15)
    )


def low_cabinet(draw: Draw, style: Style) -> Piece:
    """Return a long low cupboard, for a screen to stand on."""
    paint = draw.pick((*style.woods, style.trim))
    return fronted(
        draw,
        style,
        paint,
        draw.between(1.2, 1.8),
        draw.between(0.36, 0.45),
        draw.between(0.4, 0.58),
    )


def fronted(
    draw: Draw, style: Style, paint: Paint, width: float, depth: float, height: float
) -> Piece:
    """Return a cupboard with two doors or three drawers that stand out of it by a centimetre."""
    front = paint if draw.chance(0.6) else draw.pick((style.woods[0], style.trim))
    parts = [box(paint, width, depth - 0.03, height, (0, -0.015, 0))]
    y = depth / 2 - 0.03 + 0.0075
    if height < 1.2 and draw.chance(0.5):
        each = (height - 0.1) / 3
        for level in range(3):
            parts.append(box(front, width - 0.06, 0.015, each - 0.025, (0, y, 0.08 + level * each)))
        parts.append(
            box(style.metals[1], 0.16, 0.02, 0.02, (0, depth / 2 - 0.01, height - each / 2))
        )
    else:
        for side in (-1, 1):
            parts.append(
                box(front, width / 2 - 0.035, 0.015, height - 0.12, (side * width / 4, y, 0.08))
            )
            knob = (side * 0.05, depth / 2 - 0.005, height * 0.55)
            parts.append(sphere(style.metals[1], 0.016, knob))
    return piece("cabinet", parts)


def carton(draw: Draw, style: Style) -> Piece:
    """Return a closed box with a strip of tape."""
    width, depth, height = (
        draw.between(0.3, 0.6),
        draw.between(0.28, 0.45),
        draw.between(0.22, 0.45),
    )
    paint = _cardboard(draw, style)
    tape = draw.pick((style.metals[1], style.accents[0], style.ceramic))
    return piece(
        "box",
        [
            box(paint, width, depth, height),
            box(tape, 0.06, depth + 0.006, height + 0.003),
        ],
    )


def drum(draw: Draw, style: Style) -> Piece:
    """Return a round container with a lid."""
    radius, height = draw.between(0.15, 0.26), draw.between(0.35, 0.6)
    return piece(
        "bin",
        [
            cylinder(draw.pick((*style.accents, *style.metals)), radius, height),
            cylinder(style.metals[0], radius * 1.05, 0.04, (0, 0, height)),
        ],
    )


def _cardboard(draw: Draw, style: Style) -> Paint:
    return draw.pick((style.woods[0], style.woods[1], style.accents[0], style.fabrics[2]))


def _books(
    draw: Draw, style: Style, width: float, depth: float, level: float, room: float
) -> Solid:
    wide, tall = width * draw.between(0.3, 0.85), min(draw.between(0.16, 0.3), room - 0.03)
    x = draw.between(-1, 1) * (width - wide) / 2
    spines = draw.pick((*style.accents, *style.fabrics))
    return box(spines, wide, depth * 0.7, tall, (x, 0, level))
