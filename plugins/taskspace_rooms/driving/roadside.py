"""What stands beside a road: lights, signs, trees and buildings; the front is +y."""

from __future__ import annotations

from taskspace_rooms.driving.classes import FACADE, LAMP
from taskspace_rooms.driving.vehicles import Element, Parts, flat, shadow
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import ALONG_Y, box, cone, cylinder, sphere
from taskspace_rooms.furnishing.style import Paint, dimmed, display, grey
from taskspace_rooms.scene import Pattern

STEEL, CASE = flat(grey(0.45)), flat(grey(0.15))
SIGNALS = ((0.95, 0.03, 0.02), (0.95, 0.55, 0.02), (0.02, 0.9, 0.25))
"""Red, amber, green, from the top; linear light."""
UNLIT = 0.12


def pole(height: float) -> Parts:
    """Return what carries a light or a sign."""
    return (Element(cylinder(STEEL, 0.06, height)),)


def traffic_light(lit: int, height: float) -> Parts:
    """Return a case with three lamps, of which one shines, at a height above the ground."""
    wide = 0.46
    lamps = []
    for place, colour in enumerate(SIGNALS):
        bright = place == lit
        paint = flat(colour if bright else dimmed(colour, UNLIT))
        z = height + 1.08 - 0.38 * place
        solid = cylinder(paint, 0.16, 0.08, (0.0, 0.18, z), ALONG_Y)
        lamps.append(Element(solid, LAMP) if bright else Element(solid))
    return (Element(box(CASE, wide, 0.3, 1.2, (0.0, 0.0, height + 0.1))), *lamps)


def traffic_sign(draw: Draw, height: float) -> Parts:
    """Return a sign: a disc with a rim, a square, or a diamond-like board, at a height."""
    kind = draw.pick(("limit", "stop", "blue", "yellow", "green"))
    z = height + 0.42
    if kind in ("limit", "stop"):
        inner = (0.95, 0.95, 0.95) if kind == "limit" else (0.75, 0.03, 0.03)
        outer = (0.75, 0.03, 0.03) if kind == "limit" else (0.95, 0.95, 0.95)
        return (
            Element(cylinder(flat(outer), 0.42, 0.05, (0.0, 0.08, z), ALONG_Y)),
            Element(cylinder(flat(inner), 0.31, 0.05, (0.0, 0.11, z), ALONG_Y)),
        )
    ground = {
        "blue": display(0.6, 0.85, 0.75),
        "yellow": display(0.14, 0.95, 0.95),
        "green": display(0.4, 0.8, 0.5),
    }[kind]
    wide = draw.between(0.7, 1.0)
    return (
        Element(box(flat(ground), wide, 0.05, 0.8, (0.0, 0.08, z - 0.4))),
        Element(box(flat(grey(0.95)), 0.6 * wide, 0.05, 0.18, (0.0, 0.11, z - 0.05))),
    )


def tree(draw: Draw) -> Parts:
    """Return a tree: round, or a fir."""
    hue = draw.between(0.2, 0.36)
    leaf = display(hue, draw.between(0.4, 0.7), draw.between(0.35, 0.55))
    paint = Paint(
        Pattern.NOISE, leaf, dimmed(leaf, 0.5), draw.between(0.5, 0.9), draw.whole(0, 999)
    )
    trunk = Element(cylinder(flat(display(0.07, 0.5, 0.35)), 0.16, 2.2))
    if draw.chance(0.25):
        crown = Element(
            cone(paint, draw.between(1.3, 1.8), 0.1, draw.between(4.0, 6.0), (0, 0, 1.0))
        )
        return shadow(2.0, 2.0), trunk, crown
    size = draw.between(1.2, 1.9)
    return (
        shadow(2.0, 2.0),
        trunk,
        Element(sphere(paint, size, (0.0, 0.0, 2.0 + size))),
        Element(sphere(paint, 0.7 * size, (0.5 * size, 0.3 * size, 2.2 + 2 * size))),
    )


def building(draw: Draw, depth: float, length: float) -> Parts:
    """Return a house, `length` along the street, with windows (see `FACADE`) and a roof."""
    wall = display(
        draw.pick((0.03, 0.06, 0.1, 0.12, 0.55)), draw.between(0.05, 0.45), draw.between(0.55, 0.9)
    )
    height = 3.2 * draw.whole(2, 6)
    # The seed says behind which windows there is light.
    paint = Paint(Pattern.PLAIN, wall, wall, 1.0, draw.whole(0, 2**24))
    roof = flat(dimmed(wall, 0.45))
    return (
        Element(box(paint, depth, length, height), FACADE),
        Element(box(roof, depth + 0.4, length + 0.4, 0.5, (0.0, 0.0, height))),
    )
