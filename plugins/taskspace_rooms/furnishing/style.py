"""What the rooms of one building share: colours, materials, proportions, the make of furniture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.scene import Pattern

Colour = tuple[float, float, float]
DARKEST, BRIGHTEST = 0.02, 0.95


class Paint(NamedTuple):
    """A material; see `Materials` for the units."""

    pattern: int
    first: Colour
    second: Colour
    period: float
    seed: int


@dataclass(frozen=True)
class Style:
    """A building's taste.

    Attributes:
        walls: paints for walls, the first the most common.
        dry_floors, wet_floors: paints for the floors of living and of washing.
        wet_walls: paints for the walls of washing and cooking.
        ceiling, trim: of the ceiling; of doors, window frames and skirting.
        woods, fabrics, accents, metals: paints of furniture.
        ceramic, foliage, pot, glass: paints.
        height: of the rooms, metres.
        bulk: a factor on the thickness of legs and boards.
        scale: a factor on the size of furniture.
        legs: of tables and chairs: "posts", "panels" or "column".
        round_tables: the share of round tables.
        shade: the make of lamps: "cone", "ball" or "drum".
        warmth: the colour of light, mean about 1.
    """

    walls: tuple[Paint, ...]
    dry_floors: tuple[Paint, ...]
    wet_floors: tuple[Paint, ...]
    wet_walls: tuple[Paint, ...]
    ceiling: Paint
    trim: Paint
    woods: tuple[Paint, ...]
    fabrics: tuple[Paint, ...]
    accents: tuple[Paint, ...]
    metals: tuple[Paint, ...]
    ceramic: Paint
    foliage: Paint
    pot: Paint
    glass: Paint
    height: float
    bulk: float
    scale: float
    legs: str
    round_tables: float
    shade: str
    warmth: Colour


def building_style(draw: Draw) -> Style:
    """Return the style of a building."""
    base = draw.unit()  # one hue that the building's colours keep near
    vivid = draw.between(0.35, 1.0)
    accents = tuple(
        plain(
            draw,
            display(base + 0.28 * k + draw.between(0, 0.2), 0.85 * vivid, draw.between(0.4, 0.9)),
        )
        for k in range(3)
    )
    return Style(
        walls=_walls(draw, base, vivid),
        dry_floors=(_wood_floor(draw), _carpet(draw, base), _hard_floor(draw)),
        wet_floors=(_tiles(draw, base, dark=True), _checker(draw), _hard_floor(draw)),
        wet_walls=(_tiles(draw, base, dark=False), _tiles(draw, base + 0.4, dark=False)),
        ceiling=plain(draw, grey(draw.between(0.85, 0.97), draw.between(-0.02, 0.04))),
        trim=plain(draw, draw.pick((grey(draw.between(0.75, 0.96)), wood_colour(draw)))),
        woods=tuple(wood(draw) for _ in range(2)),
        fabrics=tuple(_fabric(draw, base + 0.3 * k, vivid) for k in range(4)),
        accents=accents,
        metals=(
            plain(draw, grey(draw.between(0.2, 0.4))),
            plain(draw, grey(draw.between(0.55, 0.8), draw.between(-0.04, 0.06))),
        ),
        ceramic=plain(draw, grey(draw.between(0.88, 0.97), draw.between(-0.02, 0.05))),
        foliage=Paint(
            Pattern.NOISE,
            display(draw.between(0.22, 0.4), draw.between(0.5, 0.8), draw.between(0.35, 0.6)),
            display(draw.between(0.22, 0.4), draw.between(0.5, 0.9), draw.between(0.2, 0.35)),
            draw.between(0.06, 0.12),
            _seed(draw),
        ),
        pot=plain(
            draw,
            draw.pick((display(0.05, 0.6, draw.between(0.5, 0.75)), grey(0.9), accents[0].first)),
        ),
        glass=plain(
            draw,
            display(draw.between(0.53, 0.6), draw.between(0.05, 0.35), draw.between(0.88, 0.97)),
        ),
        height=draw.between(2.4, 3.1),
        bulk=draw.between(0.75, 1.4),
        scale=draw.between(0.94, 1.06),
        legs=draw.pick(("posts", "posts", "panels", "column")),
        round_tables=draw.pick((0.1, 0.3, 0.7)),
        shade=draw.pick(("cone", "ball", "drum")),
        warmth=draw.pick(((1.12, 1.0, 0.82), (1.04, 1.0, 0.93), (0.95, 1.0, 1.06))),
    )


def display(hue: float, saturation: float, value: float) -> Colour:
    """Return the linear colour of a hue (1 is a full turn), saturation and value on a display."""
    sector = (hue % 1) * 6
    rising = 1 - abs(sector % 2 - 1)
    red, green, blue = (
        (1.0, rising, 0.0),
        (rising, 1.0, 0.0),
        (0.0, 1.0, rising),
        (0.0, rising, 1.0),
        (rising, 0.0, 1.0),
        (1.0, 0.0, rising),
    )[int(sector) % 6]
    low = 1 - saturation
    return linear(
        value * (low + saturation * red),
        value * (low + saturation * green),
        value * (low + saturation * blue),
    )


def linear(red: float, green: float, blue: float) -> Colour:
    """Return display values as linear light, by a square: a power may round machine by machine."""
    return (_kept(red * red), _kept(green * green), _kept(blue * blue))


def grey(value: float, warm: float = 0.0) -> Colour:
    """Return a grey of a display value, a little warmer or cooler."""
    return linear(value * (1 + warm), value, value * (1 - warm))


def dimmed(colour: Colour, factor: float) -> Colour:
    """Return a colour times a factor, kept within what a surface may reflect."""
    return (_kept(colour[0] * factor), _kept(colour[1] * factor), _kept(colour[2] * factor))


def plain(draw: Draw, colour: Colour) -> Paint:
    """Return a paint of one colour."""
    return Paint(Pattern.PLAIN, colour, colour, 1.0, _seed(draw))


def wood_colour(draw: Draw) -> Colour:
    """Return a colour of wood, from pale birch to dark walnut."""
    value = draw.between(0.35, 0.85)
    return display(draw.between(0.055, 0.1), draw.between(0.3, 0.65), value)


def wood(draw: Draw) -> Paint:
    """Return a grained wood."""
    colour = wood_colour(draw)
    return Paint(
        Pattern.WOOD,
        colour,
        dimmed(colour, draw.between(0.55, 0.8)),
        draw.between(0.08, 0.2),
        _seed(draw),
    )


def _kept(value: float) -> float:
    return min(BRIGHTEST, max(DARKEST, value))


def _seed(draw: Draw) -> int:
    return draw.whole(0, 2**31 - 1)


def _walls(draw: Draw, base: float, vivid: float) -> tuple[Paint, ...]:
    main = display(
        base + draw.between(-0.05, 0.1), draw.between(0.02, 0.18), draw.between(0.8, 0.97)
    )
    second = display(
        base + draw.between(0.3, 0.7), draw.between(0.05, 0.3), draw.between(0.7, 0.95)
    )
    strong = display(base + draw.between(-0.1, 0.1), 0.6 * vivid, draw.between(0.4, 0.8))
    pattern = draw.pick((Pattern.PLAIN, Pattern.NOISE, Pattern.PLAIN))
    return (
        Paint(pattern, main, dimmed(main, 0.88), draw.between(0.05, 0.3), _seed(draw)),
        Paint(
            draw.pick((Pattern.PLAIN, Pattern.STRIPES)),
            second,
            dimmed(second, draw.between(0.7, 0.9)),
            draw.between(0.12, 0.4),
            _seed(draw),
        ),
        plain(draw, strong),
    )


def _wood_floor(draw: Draw) -> Paint:
    planks = wood(draw)
    return planks._replace(period=draw.between(0.1, 0.25))


def _carpet(draw: Draw, base: float) -> Paint:
    colour = display(base + draw.between(0, 1), draw.between(0.1, 0.5), draw.between(0.3, 0.75))
    return Paint(Pattern.NOISE, colour, dimmed(colour, 0.75), draw.between(0.04, 0.1), _seed(draw))


def _hard_floor(draw: Draw) -> Paint:
    colour = grey(draw.between(0.4, 0.8), draw.between(-0.04, 0.1))
    return Paint(Pattern.NOISE, colour, dimmed(colour, 0.85), draw.between(0.1, 0.5), _seed(draw))


def _tiles(draw: Draw, base: float, dark: bool) -> Paint:
    value = draw.between(0.35, 0.8) if dark else draw.between(0.75, 0.97)
    colour = display(base + draw.between(0, 0.2), draw.between(0.02, 0.4), value)
    grout = dimmed(colour, draw.pick((0.5, 0.65, 0.5)))
    return Paint(Pattern.TILES, colour, grout, draw.between(0.15, 0.45), _seed(draw))


def _checker(draw: Draw) -> Paint:
    bright, dark = (
        grey(draw.between(0.75, 0.95)),
        grey(draw.between(0.2, 0.55), draw.between(-0.1, 0.1)),
    )
    return Paint(Pattern.CHECKER, bright, dark, draw.between(0.3, 0.6), _seed(draw))


def _fabric(draw: Draw, hue: float, vivid: float) -> Paint:
    value = draw.between(0.3, 0.9)
    colour = display(hue + draw.between(0, 0.15), draw.between(0.1, 0.8) * vivid, value)
    pattern = draw.pick(
        (
            Pattern.PLAIN,
            Pattern.PLAIN,
            Pattern.NOISE,
            Pattern.NOISE,
            Pattern.STRIPES,
            Pattern.CHECKER,
        )
    )
    other = dimmed(colour, draw.pick((0.6, 0.8, 1.5)))
    return Paint(pattern, colour, other, draw.between(0.06, 0.2), _seed(draw))
