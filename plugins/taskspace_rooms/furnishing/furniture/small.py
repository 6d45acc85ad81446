"""Plants, screens, rugs and what stands about."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, Solid, box, cone, cylinder, piece, sphere
from taskspace_rooms.furnishing.style import Style


def plant(draw: Draw, style: Style) -> Piece:
    """Return a bush or a little tree in a pot."""
    radius, tall = draw.between(0.14, 0.22), draw.between(0.25, 0.4)
    parts: list[Solid] = [cone(style.pot, radius * 0.75, radius, tall)]
    if draw.chance(0.35):
        height = draw.between(0.5, 0.9)
        return piece(
            "plant",
            [*parts, cone(style.foliage, radius * 1.3, 0.02, height, (0, 0, tall))],
        )
    crown, stem = draw.between(0.2, 0.32), draw.between(0.05, 0.7)
    parts.append(cylinder(style.woods[1], 0.022, stem + crown * 0.5, (0, 0, tall)))
    for _ in range(draw.whole(2, 4)):
        at = (
            draw.between(-0.5, 0.5) * crown,
            draw.between(-0.5, 0.5) * crown,
            tall + stem + crown * draw.between(0.5, 1.3),
        )
        parts.append(sphere(style.foliage, crown * draw.between(0.5, 0.75), at))
    return piece("plant", parts)


def pot_plant(draw: Draw, style: Style) -> Piece:
    """Return a small plant for a table or a sill."""
    radius = draw.between(0.06, 0.09)
    return piece(
        "plant",
        [
            cone(style.pot, radius * 0.7, radius, 0.12),
            sphere(style.foliage, radius * draw.between(1.1, 1.5), (0, 0, 0.12 + radius)),
        ],
    )


def monitor(draw: Draw, style: Style) -> Piece:
    """Return a screen on a foot, its face to +y."""
    width = draw.between(0.45, 0.7)
    tall, metal = width * 0.6, style.metals[0]
    return piece(
        "screen",
        [
            cylinder(metal, 0.1, 0.015),
            box(metal, 0.05, 0.03, 0.14, (0, -0.02, 0.015)),
            box(metal, width, 0.035, tall, (0, 0.0125, 0.1)),
            box(
                draw.pick((style.glass, style.accents[1])),
                width - 0.04,
                0.006,
                tall - 0.04,
                (0, 0.033, 0.12),
            ),
        ],
    )


def television(draw: Draw, style: Style) -> Piece:
    """Return a wide flat screen, for a wall or a low cabinet."""
    width = draw.between(0.9, 1.5)
    return piece(
        "screen",
        [
            box(style.metals[0], width, 0.05, width * 0.58),
            box(
                style.metals[0]._replace(first=(0.02, 0.02, 0.025)),
                width - 0.05,
                0.008,
                width * 0.58 - 0.05,
                (0, 0.029, 0.025),
            ),
        ],
    )


def rug(draw: Draw, style: Style, width: float, depth: float) -> Piece:
    """Return a rug with a border, round or square."""
    border, middle = draw.pick((style.fabrics[0], style.ceramic)), draw.pick(style.fabrics)
    if draw.chance(0.3):
        radius = min(width, depth) / 2
        return piece(
            "rug",
            [cylinder(border, radius, 0.008), cylinder(middle, radius * 0.86, 0.012)],
        )
    return piece(
        "rug", [box(border, width, depth, 0.008), box(middle, width - 0.24, depth - 0.24, 0.012)]
    )


def ball(draw: Draw, style: Style) -> Piece:
    """Return a ball: a toy, or a seat for the upright."""
    radius = draw.pick((draw.between(0.1, 0.16), draw.between(0.25, 0.33)))
    return piece(
        "ball", [sphere(draw.pick((*style.accents, style.fabrics[0])), radius, (0, 0, radius))]
    )


def basket(draw: Draw, style: Style) -> Piece:
    """Return a waste bin that widens upwards."""
    radius, height = draw.between(0.11, 0.17), draw.between(0.26, 0.42)
    paint = draw.pick((*style.metals, style.accents[0], style.woods[0]))
    dark = style.metals[0]
    return piece(
        "bin",
        [
            cone(paint, radius * 0.8, radius, height),
            cylinder(dark, radius * 0.85, 0.004, (0, 0, height)),
        ],
    )


def vase(draw: Draw, style: Style) -> Piece:
    """Return a vase with a belly and a neck."""
    belly, paint = draw.between(0.07, 0.11), draw.pick((*style.accents, style.pot, style.ceramic))
    return piece(
        "vessel",
        [
            cylinder(paint, belly * 0.7, belly * 0.6),
            sphere(paint, belly, (0, 0, belly)),
            cone(paint, belly * 0.4, belly * 0.6, belly * 1.4, (0, 0, belly * 1.75)),
        ],
    )


def bowl(draw: Draw, style: Style) -> Piece:
    """Return a bowl with something in it."""
    radius, paint = draw.between(0.11, 0.17), draw.pick((style.ceramic, *style.accents))
    parts = [cone(paint, radius * 0.5, radius, radius * 0.55)]
    for x in (-0.3, 0.35):
        at = (x * radius, 0.2 * x * radius, radius * 0.65)
        parts.append(sphere(draw.pick((style.accents[1], style.accents[2])), radius * 0.38, at))
    return piece("vessel", parts)


def mug(draw: Draw, style: Style) -> Piece:
    """Return a cup."""
    paint = draw.pick((style.ceramic, *style.accents))
    return piece("vessel", [cylinder(paint, 0.045, draw.between(0.09, 0.13))])
