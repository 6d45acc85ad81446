"""What a kitchen's row is made of; all of one depth and height, the back at -y."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import (
    ALONG_X,
    ALONG_Y,
    Piece,
    Solid,
    box,
    cylinder,
    piece,
)
from taskspace_rooms.furnishing.style import Paint, Style

DEPTH, HEIGHT = 0.6, 0.9
WORKTOP = 0.04


def counter(draw: Draw, style: Style, front: Paint, top: Paint, width: float) -> Piece:
    """Return a cupboard under a worktop."""
    handle = (0.0, DEPTH / 2 - 0.01, HEIGHT - 0.14)
    return piece(
        "cabinet",
        [*_base(front, top, width), box(style.metals[1], width * 0.5, 0.02, 0.02, handle)],
    )


def kitchen_sink(draw: Draw, style: Style, front: Paint, top: Paint, width: float) -> Piece:
    """Return a basin of steel on a cupboard, with a tap."""
    steel = style.metals[1]
    return piece(
        "sink",
        [
            *_base(front, top, width),
            box(style.metals[0], width * 0.7, 0.4, 0.01, (0, 0.02, HEIGHT)),
            cylinder(steel, 0.018, 0.26, (0, -DEPTH / 2 + 0.1, HEIGHT)),
            cylinder(steel, 0.014, 0.2, (0, -DEPTH / 2 + 0.19, HEIGHT + 0.26), ALONG_Y),
        ],
    )


def stove(draw: Draw, style: Style) -> Piece:
    """Return an oven with four plates."""
    body, dark = draw.pick((style.metals[1], style.ceramic, style.metals[0])), style.metals[0]
    parts: list[Solid] = [
        box(body, 0.6, DEPTH - 0.02, HEIGHT, (0, -0.01, 0)),
        box(dark, 0.48, 0.02, 0.4, (0, DEPTH / 2 - 0.01, 0.22)),
        cylinder(style.metals[1], 0.012, 0.44, (0, DEPTH / 2 - 0.01, 0.68), ALONG_X),
    ]
    for x in (-0.14, 0.14):
        for y in (-0.13, 0.12):
            parts.append(cylinder(dark, draw.pick((0.08, 0.1)), 0.015, (x, y, HEIGHT)))
    return piece("stove", parts)


def fridge(draw: Draw, style: Style) -> Piece:
    """Return a tall fridge with two doors and their handles."""
    height, width = draw.between(1.5, 1.95), draw.between(0.58, 0.72)
    paint = draw.pick((style.ceramic, style.metals[1], style.ceramic, style.accents[0]))
    lower, y = height * draw.between(0.35, 0.6), DEPTH / 2
    parts = [
        box(style.metals[1], width, DEPTH - 0.05, height, (0, -0.025, 0)),
        box(paint, width - 0.005, 0.05, lower - 0.06, (0, y - 0.025, 0.05)),
        box(paint, width - 0.005, 0.05, height - lower - 0.01, (0, y - 0.025, lower)),
    ]
    for bottom in (lower - 0.4, lower + 0.06):
        parts.append(box(style.metals[0], 0.025, 0.03, 0.3, (width / 2 - 0.08, y + 0.015, bottom)))
    return piece("fridge", parts)


def hanging_cabinet(draw: Draw, style: Style, front: Paint, width: float) -> Piece:
    """Return a cupboard to hang above the worktop."""
    doors = (-1, 1) if width > 0.7 else (0,)
    wide = width / len(doors)
    return piece(
        "cabinet",
        [
            box(front, width - 0.005, 0.32, 0.6),
            *(
                box(front, wide - 0.03, 0.015, 0.56, (side * wide / 2, 0.1675, 0.02))
                for side in doors
            ),
        ],
    )


def _base(front: Paint, top: Paint, width: float) -> list[Solid]:
    return [
        box(front, width, DEPTH - 0.04, HEIGHT - WORKTOP, (0, -0.02, 0)),
        box(front, width - 0.03, 0.015, HEIGHT - WORKTOP - 0.12, (0, DEPTH / 2 - 0.0325, 0.1)),
        box(top, width, DEPTH, WORKTOP, (0, 0, HEIGHT - WORKTOP)),
    ]
