"""Chairs, stools, sofas: the front is +y, the back -y."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture.legs import legs
from taskspace_rooms.furnishing.parts import Piece, Solid, box, cylinder, leaning, piece
from taskspace_rooms.furnishing.style import Paint, Style


def chair(draw: Draw, style: Style) -> Piece:
    """Return a chair with a back, on the legs of its building."""
    width, depth = draw.around(0.44) * style.scale, draw.around(0.44) * style.scale
    seat, thick = draw.between(0.42, 0.48), 0.05 * style.bulk
    frame = draw.pick((style.woods[0], style.woods[0], style.metals[0], style.accents[0]))
    cover = draw.pick((style.fabrics[0], frame, style.accents[1]))
    back = draw.between(0.36, 0.5)
    # Four posts a chair are dear where six chairs stand.
    make = "panels" if style.legs == "posts" and draw.chance(0.6) else style.legs
    at = (0.0, -depth / 2 + 0.02, seat)
    return piece(
        "chair",
        [
            *legs(style, frame, width, depth, seat - thick, make),
            box(cover, width, depth, thick, (0, 0, seat - thick)),
            box(
                cover, width * 0.96, 0.035 * style.bulk, back, at, leaning(draw.between(0.0, 0.15))
            ),
        ],
    )


def school_chair(draw: Draw, style: Style) -> Piece:
    """Return a plain chair of four parts."""
    width, seat = 0.4 * style.scale, draw.between(0.42, 0.46)
    cover = draw.pick((style.woods[0], style.accents[0]))
    return piece(
        "chair",
        [
            *legs(style, style.metals[0], width, width, seat - 0.03, "panels"),
            box(cover, width, width, 0.03, (0, 0, seat - 0.03)),
            box(cover, width, 0.03, 0.36, (0, -width / 2 + 0.02, seat)),
        ],
    )


def office_chair(draw: Draw, style: Style) -> Piece:
    """Return a chair on a column and a round foot."""
    width, seat = draw.around(0.48) * style.scale, draw.between(0.44, 0.52)
    cover = draw.pick((style.fabrics[1], style.metals[0], style.accents[0]))
    metal = style.metals[0]
    at = (0.0, -width / 2 + 0.02, seat)
    return piece(
        "chair",
        [
            cylinder(metal, width * 0.55, 0.05),
            cylinder(metal, 0.03, seat - 0.13, (0, 0, 0.05)),
            box(cover, width, width, 0.08, (0, 0, seat - 0.08)),
            box(cover, width * 0.9, 0.06, draw.between(0.45, 0.65), at, leaning(0.08)),
        ],
    )


def stool(draw: Draw, style: Style) -> Piece:
    """Return a round seat on a column."""
    radius, seat = draw.between(0.15, 0.2), draw.between(0.42, 0.72)
    return piece(
        "chair",
        [
            cylinder(style.metals[0], radius, 0.03),
            cylinder(style.metals[0], 0.03, seat - 0.08, (0, 0, 0.03)),
            cylinder(
                draw.pick((style.woods[0], style.fabrics[0])), radius, 0.05, (0, 0, seat - 0.05)
            ),
        ],
    )


def sofa(draw: Draw, style: Style) -> Piece:
    """Return a sofa with one cushion a place."""
    return _upholstered(draw, style, draw.whole(2, 3), draw.pick(style.fabrics))


def armchair(draw: Draw, style: Style) -> Piece:
    """Return a sofa for one."""
    return _upholstered(draw, style, 1, draw.pick(style.fabrics))


def _upholstered(draw: Draw, style: Style, places: int, cover: Paint) -> Piece:
    arm, back = draw.between(0.12, 0.22), draw.between(0.16, 0.24)
    place, depth = draw.between(0.56, 0.68) * style.scale, draw.between(0.8, 0.92) * style.scale
    seat, arms, top = draw.between(0.28, 0.34), draw.between(0.5, 0.62), draw.between(0.7, 0.88)
    foot = draw.pick((0.0, 0.06, 0.1))
    inner, width = places * place, places * place + 2 * arm
    cushion = draw.pick((cover, cover, style.fabrics[0]))
    parts: list[Solid] = [
        box(cover, inner, depth, seat - foot, (0, 0, foot)),
        box(cover, inner, back, top - seat, (0, (back - depth) / 2, seat)),
        box(cover, arm, depth, arms - foot, (-(inner + arm) / 2, 0, foot)),
        box(cover, arm, depth, arms - foot, ((inner + arm) / 2, 0, foot)),
    ]
    for k in range(places):
        x = (k - (places - 1) / 2) * place
        parts.append(box(cushion, place - 0.03, depth - back, 0.13, (x, back / 2 + 0.02, seat)))
    if foot:
        parts.append(box(style.woods[1], width * 0.9, depth * 0.8, foot))
    return piece("sofa", parts)
