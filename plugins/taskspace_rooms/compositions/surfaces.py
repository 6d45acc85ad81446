"""What a surface of each attribute looks like: a pattern, its colours and its period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.style import Colour, Paint, display
from taskspace_rooms.scene import Pattern

Range = tuple[float, float]
ANY: Range = (0.0, 1.0)


@dataclass(frozen=True)
class Tint:
    """A colour by the ranges of its hue (1 is a full turn), saturation and value on a display."""

    name: str
    hue: Range
    saturation: Range
    value: Range

    def drawn(self, draw: Draw) -> Colour:
        """Return a colour of this tint, linear light."""
        return display(
            draw.between(*self.hue), draw.between(*self.saturation), draw.between(*self.value)
        )


@dataclass(frozen=True)
class Look:
    """What surfaces of one attribute have in common.

    Attributes:
        kind: what the attribute is: a material, a pattern or a colour.
        pattern: how two tints alternate.
        first, second: each one of these tints.
        period: of the pattern, as a share of the object's largest extent.
    """

    kind: str
    pattern: Pattern
    first: tuple[Tint, ...]
    second: tuple[Tint, ...]
    period: Range = (0.2, 0.3)

    def paint(self, draw: Draw, extent: float) -> Paint:
        """Return a paint for an object of this largest extent in metres."""
        first, second = draw.pick(self.first).drawn(draw), draw.pick(self.second).drawn(draw)
        period = extent * draw.between(*self.period)
        return Paint(self.pattern, first, second, period, draw.whole(0, 2**31 - 1))


RED = Tint("red", (-0.03, 0.02), (0.7, 0.95), (0.55, 0.9))
YELLOW = Tint("yellow", (0.145, 0.175), (0.7, 0.95), (0.75, 0.95))
GREEN = Tint("green", (0.29, 0.4), (0.5, 0.9), (0.4, 0.8))
BLUE = Tint("blue", (0.57, 0.66), (0.6, 0.9), (0.5, 0.9))
WHITE = Tint("white", ANY, (0.0, 0.06), (0.88, 0.97))
BLACK = Tint("black", ANY, (0.0, 0.3), (0.1, 0.2))
GREY = Tint("grey", ANY, (0.0, 0.08), (0.4, 0.6))
STEEL = Tint("silver", (0.55, 0.65), (0.02, 0.12), (0.75, 0.9))
DARK_STEEL = Tint("grey", (0.55, 0.65), (0.05, 0.15), (0.25, 0.4))
GOLD = Tint("gold", (0.11, 0.135), (0.45, 0.65), (0.9, 0.97))
DARK_GOLD = Tint("brown", (0.09, 0.115), (0.75, 0.9), (0.45, 0.6))
WOOD = Tint("brown", (0.06, 0.095), (0.4, 0.65), (0.5, 0.8))
DARK_WOOD = Tint("brown", (0.05, 0.08), (0.5, 0.75), (0.28, 0.42))
HIDE = Tint("brown", (0.03, 0.06), (0.5, 0.75), (0.28, 0.45))
DARK_HIDE = Tint("brown", (0.03, 0.06), (0.5, 0.75), (0.15, 0.28))
CLAY = Tint("red", (0.01, 0.04), (0.55, 0.75), (0.5, 0.7))
MORTAR = Tint("grey", (0.05, 0.12), (0.02, 0.15), (0.75, 0.9))
GLAZE = Tint("white", (0.45, 0.65), (0.03, 0.25), (0.85, 0.97))
GROUT = Tint("grey", ANY, (0.0, 0.1), (0.25, 0.45))
DYES = (RED, YELLOW, GREEN, BLUE)

LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "wooden": Look("material", Pattern.WOOD, (WOOD,), (DARK_WOOD,), (0.12, 0.2)),
        "striped": Look("pattern", Pattern.STRIPES, DYES, (WHITE, BLACK), (0.14, 0.26)),
        "checkered": Look("pattern", Pattern.CHECKER, DYES, (WHITE, BLACK), (0.22, 0.36)),
        "tiled": Look("pattern", Pattern.TILES, (GLAZE,), (GROUT,), (0.16, 0.26)),
        "brick": Look("material", Pattern.TILES, (CLAY,), (MORTAR,), (0.14, 0.22)),
        "marble": Look("material", Pattern.NOISE, (WHITE,), (GREY,), (0.25, 0.4)),
        "granite": Look("material", Pattern.NOISE, (GREY, WHITE), (BLACK,), (0.06, 0.1)),
        "leather": Look("material", Pattern.NOISE, (HIDE,), (DARK_HIDE,), (0.1, 0.2)),
        "metal": Look("material", Pattern.WOOD, (STEEL,), (DARK_STEEL,), (0.5, 0.9)),
        "golden": Look("material", Pattern.WOOD, (GOLD,), (DARK_GOLD,), (0.5, 0.9)),
        "red": Look("colour", Pattern.PLAIN, (RED,), (RED,)),
        "blue": Look("colour", Pattern.PLAIN, (BLUE,), (BLUE,)),
        "green": Look("colour", Pattern.PLAIN, (GREEN,), (GREEN,)),
        "yellow": Look("colour", Pattern.PLAIN, (YELLOW,), (YELLOW,)),
    }
)
"""By the words of `ATTRIBUTES`."""
