"""Vehicles and people in their own frame: x to the right, y to the front, z up from the road."""

from __future__ import annotations

import math
from typing import NamedTuple

from taskspace_rooms.driving.classes import LAMP, MATTE
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import (
    ALONG_X,
    Solid,
    Vector,
    box,
    cone,
    cylinder,
    sphere,
)
from taskspace_rooms.furnishing.style import Colour, Paint, display, grey
from taskspace_rooms.scene import Pattern


class Element(NamedTuple):
    """A primitive and its finish; a shadow lies on the ground and belongs to no object."""

    solid: Solid
    finish: int = MATTE
    shadow: bool = False


Parts = tuple[Element, ...]


def flat(colour: Colour) -> Paint:
    """Return a paint of one colour."""
    return Paint(Pattern.PLAIN, colour, colour, 1.0, 0)


TYRE, GLASS, SHADE = flat(grey(0.2)), flat(display(0.57, 0.25, 0.32)), flat(grey(0.18))
WHITE_LAMP, RED_LAMP = flat((0.95, 0.92, 0.8)), flat((0.9, 0.05, 0.04))
SKINS = (display(0.06, 0.35, 0.92), display(0.06, 0.45, 0.72), display(0.05, 0.5, 0.45))


def shadow(width: float, length: float) -> Element:
    """Return the dark place beneath a thing."""
    return Element(box(SHADE, width, length, 0.012), MATTE, True)


def body_colour(draw: Draw) -> Colour:
    """Return a colour of a car: white, grey and black are common, the rest vivid."""
    if draw.chance(0.5):
        return grey(draw.pick((0.93, 0.8, 0.62, 0.42, 0.28)), draw.between(-0.04, 0.04))
    return display(draw.pick((0.0, 0.02, 0.1, 0.33, 0.55, 0.6, 0.64)), draw.between(0.6, 0.9), 0.75)


def lamps(width: float, length: float, height: float, size: float) -> Parts:
    """Return two white lamps in front and two red ones behind."""
    return tuple(
        Element(box(paint, size * 1.7, 0.06, size, (side * width * 0.36, y, height)), LAMP)
        for paint, y in ((WHITE_LAMP, length / 2 + 0.02), (RED_LAMP, -length / 2 - 0.02))
        for side in (-1, 1)
    )


def axles(width: float, radius: float, *places: float) -> Parts:
    """Return a pair of wheels at each place along y."""
    return tuple(Element(cylinder(TYRE, radius, width, (0.0, y, radius), ALONG_X)) for y in places)


def car(draw: Draw) -> Parts:
    """Return a car: body, cabin of glass under a roof, wheels, lamps."""
    paint = flat(body_colour(draw))
    long, wide = draw.between(3.8, 4.8), draw.between(1.7, 1.9)
    high = draw.between(1.4, 1.75)
    belt = 0.58 * high
    cabin, back = 0.52 * long, -0.08 * long
    return (
        shadow(wide + 0.25, long + 0.3),
        Element(box(paint, wide, long, belt - 0.28, (0.0, 0.0, 0.28))),
        Element(box(GLASS, 0.88 * wide, cabin, high - belt - 0.08, (0.0, back, belt))),
        Element(box(paint, 0.84 * wide, 0.82 * cabin, 0.09, (0.0, back, high - 0.09))),
        *axles(wide + 0.06, 0.33, 0.31 * long, -0.31 * long),
        *lamps(wide, long, belt - 0.22, 0.2),
    )


def truck(draw: Draw) -> Parts:
    """Return a truck: a cab in front of a tall box."""
    paint, load = flat(body_colour(draw)), flat(display(draw.unit(), draw.between(0, 0.4), 0.85))
    long, wide, high = draw.between(6.0, 8.5), 2.35, draw.between(2.9, 3.5)
    cab = 1.8
    front = long / 2 - cab / 2
    return (
        shadow(wide + 0.2, long + 0.3),
        Element(box(paint, wide * 0.95, cab, 1.6, (0.0, front, 0.5))),
        Element(box(GLASS, wide * 0.9, cab * 0.9, 0.65, (0.0, front, 1.5))),
        Element(box(paint, wide * 0.9, cab * 0.85, 0.2, (0.0, front, 2.15))),
        Element(box(load, wide, long - cab - 0.2, high - 0.9, (0.0, -cab / 2 - 0.1, 0.9))),
        Element(box(TYRE, wide * 0.8, long - 0.4, 0.3, (0.0, 0.0, 0.6))),
        *axles(wide, 0.48, front, 0.1 - 0.3 * long, -0.4 * long),
        *lamps(wide, long, 0.7, 0.22),
    )


def bus(draw: Draw) -> Parts:
    """Return a bus: a long box with a band of windows all round."""
    paint = flat(display(draw.pick((0.0, 0.08, 0.13, 0.35, 0.6)), draw.between(0.55, 0.9), 0.85))
    long, wide, high = draw.between(9.0, 11.5), 2.5, draw.between(2.9, 3.2)
    return (
        shadow(wide + 0.2, long + 0.3),
        Element(box(paint, wide, long, 1.05, (0.0, 0.0, 0.35))),
        Element(box(GLASS, wide * 0.98, long * 0.995, high - 2.0, (0.0, 0.0, 1.4))),
        Element(box(paint, wide, long, 0.6, (0.0, 0.0, high - 0.6))),
        *axles(wide + 0.06, 0.48, 0.32 * long, -0.28 * long),
        *lamps(wide, long, 0.6, 0.24),
    )


def pedestrian(draw: Draw) -> Parts:
    """Return a person who stands or walks."""
    tall = draw.between(1.55, 1.9) / 1.75
    coat, trousers, skin = _clothes(draw)
    stride = draw.between(0.0, 0.16)
    return (
        shadow(0.6, 0.6),
        *(
            Element(cylinder(trousers, 0.1, 0.82 * tall, (0.11 * side, stride * side, 0.0)))
            for side in (-1, 1)
        ),
        Element(cone(coat, 0.2, 0.25, 0.66 * tall, (0.0, 0.0, 0.8 * tall))),
        *(
            Element(cylinder(coat, 0.065, 0.6 * tall, (0.29 * side, -stride * side, 0.82 * tall)))
            for side in (-1, 1)
        ),
        Element(sphere(skin, 0.15, (0.0, 0.0, 1.6 * tall))),
    )


def rider(draw: Draw, seat: float) -> Parts:
    """Return a person who sits on two wheels, with a helmet."""
    coat, trousers, _ = _clothes(draw)
    helmet = flat(display(draw.unit(), 0.7, 0.85))
    return (
        *(
            Element(cylinder(trousers, 0.1, 0.7, (0.16 * side, 0.15, seat - 0.62)))
            for side in (-1, 1)
        ),
        Element(cone(coat, 0.2, 0.26, 0.62, (0.0, -0.05, seat))),
        *(Element(box(coat, 0.12, 0.55, 0.12, (0.3 * side, 0.2, seat + 0.38))) for side in (-1, 1)),
        Element(sphere(helmet, 0.17, (0.0, 0.0, seat + 0.76))),
    )


def bicycle(draw: Draw) -> Parts:
    """Return a bicycle: two thin wheels, a frame, a handlebar."""
    paint = flat(display(draw.unit(), 0.8, 0.7))
    return (
        shadow(0.4, 1.7),
        *axles(0.06, 0.34, 0.55, -0.55),
        Element(box(paint, 0.06, 0.95, 0.07, (0.0, 0.0, 0.55))),
        Element(box(paint, 0.06, 0.07, 0.5, (0.0, 0.42, 0.5))),
        Element(box(TYRE, 0.55, 0.06, 0.06, (0.0, 0.42, 1.0))),
        Element(box(TYRE, 0.16, 0.28, 0.07, (0.0, -0.25, 0.88))),
    )


def motorcycle(draw: Draw) -> Parts:
    """Return a motorcycle: two thick wheels, a body, a lamp at each end."""
    paint = flat(body_colour(draw))
    return (
        shadow(0.7, 2.2),
        *axles(0.2, 0.32, 0.7, -0.7),
        Element(box(TYRE, 0.35, 0.8, 0.4, (0.0, 0.0, 0.3))),
        Element(box(paint, 0.42, 1.2, 0.3, (0.0, 0.05, 0.62))),
        Element(box(paint, 0.42, 0.12, 0.4, (0.0, 0.62, 0.75))),
        Element(box(TYRE, 0.75, 0.06, 0.06, (0.0, 0.55, 1.05))),
        Element(box(WHITE_LAMP, 0.18, 0.06, 0.18, (0.0, 0.72, 0.85)), LAMP),
        Element(box(RED_LAMP, 0.26, 0.06, 0.12, (0.0, -0.72, 0.78)), LAMP),
    )


def moved(parts: Parts, x: float, y: float, z: float = 0.0, heading: float = 0.0) -> Parts:
    """Return parts turned clockwise about z and then shifted."""
    cosine, sine = math.cos(heading), math.sin(heading)

    def vector(a: float, b: float) -> tuple[float, float]:
        return cosine * a + sine * b, cosine * b - sine * a

    def of(solid: Solid) -> Solid:
        across, ahead = vector(*solid.centre[:2])
        centre: Vector = (x + across, y + ahead, z + solid.centre[2])
        if heading == 0:
            return solid._replace(centre=centre)
        a = solid.axes
        first, second = zip(*(vector(a[k], a[3 + k]) for k in range(3)), strict=True)
        axes = (first[0], first[1], first[2], second[0], second[1], second[2], a[6], a[7], a[8])
        return solid._replace(centre=centre, axes=axes)

    return tuple(part._replace(solid=of(part.solid)) for part in parts)


def _clothes(draw: Draw) -> tuple[Paint, Paint, Paint]:
    coat = display(draw.unit(), draw.between(0.2, 0.85), draw.between(0.35, 0.9))
    trousers = display(draw.pick((0.6, 0.62, 0.08)), draw.between(0.1, 0.5), draw.between(0.2, 0.5))
    return flat(coat), flat(trousers), flat(draw.pick(SKINS))
