"""Wash basin, toilet, bathtub: the back at -y."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import ALONG_Y, Piece, box, cone, cylinder, piece
from taskspace_rooms.furnishing.style import Style


def basin(draw: Draw, style: Style) -> Piece:
    """Return a wash basin, on a foot or on a cupboard."""
    height, steel, white = draw.between(0.8, 0.88), style.metals[1], style.ceramic
    radius = draw.between(0.22, 0.27)
    if draw.chance(0.5):
        foot = [cone(white, 0.12, 0.08, height - 0.18)]
    else:
        foot = [
            box(draw.pick((style.woods[0], style.trim)), 2 * radius, 1.7 * radius, height - 0.18)
        ]
    return piece(
        "sink",
        [
            *foot,
            cone(white, radius * 0.7, radius, 0.18, (0, 0, height - 0.18)),
            cylinder(style.metals[0], radius * 0.8, 0.004, (0, 0, height)),
            cylinder(steel, 0.018, 0.16, (0, -radius * 0.88, height - 0.02)),
            cylinder(steel, 0.014, 0.14, (0, -radius * 0.6, height + 0.13), ALONG_Y),
        ],
    )


def toilet(draw: Draw, style: Style) -> Piece:
    """Return a bowl, its seat and the tank behind."""
    white, seat, tank = style.ceramic, draw.between(0.38, 0.44), draw.between(0.7, 0.82)
    lid = draw.pick((white, white, style.woods[0], style.metals[0]))
    return piece(
        "toilet",
        [
            cone(white, 0.13, 0.2, seat, (0, 0.05, 0)),
            cylinder(lid, 0.21, 0.035, (0, 0.05, seat)),
            box(white, 0.4, 0.18, tank - seat / 2, (0, -0.24, seat / 2)),
            box(white, 0.42, 0.2, 0.03, (0, -0.24, tank)),
        ],
    )


def bathtub(draw: Draw, style: Style) -> Piece:
    """Return a tub with a hollow and a tap, its long side along the wall."""
    length, width, height = draw.between(1.5, 1.8), draw.between(0.7, 0.8), draw.between(0.5, 0.6)
    white, rim = style.ceramic, draw.between(0.06, 0.1)
    side = draw.pick((white, white, style.wet_walls[0]))
    tap = (draw.between(-0.3, 0.3) * length, rim / 2 - width / 2, height)
    return piece(
        "bathtub",
        [
            box(white, length, width, 0.15),
            box(white, length, rim, height - 0.15, (0, (rim - width) / 2, 0.15)),
            box(side, length, rim, height - 0.15, (0, (width - rim) / 2, 0.15)),
            box(white, rim, width - 2 * rim, height - 0.15, ((rim - length) / 2, 0, 0.15)),
            box(white, rim, width - 2 * rim, height - 0.15, ((length - rim) / 2, 0, 0.15)),
            cylinder(style.metals[1], 0.02, 0.14, tap),
        ],
    )
