"""Sentences in which words for alike surfaces and alike objects have the same company.

They say how each attribute is painted and how each object is built, one statement a sentence, and
never which attribute an object has: the generator makes all pairs and knows none as unseen.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from statistics import fmean

from taskspace_rooms.compositions.objects import MAKES, Make
from taskspace_rooms.compositions.surfaces import DYES, LOOKS, Look
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.style import building_style
from taskspace_rooms.scene import Pattern, Shape

DRAWS = 16
"""How many of each are made to measure them."""

PATTERN_WORDS = {
    Pattern.PLAIN: ("evenness",),
    Pattern.STRIPES: ("bands", "edges"),
    Pattern.CHECKER: ("squares", "edges"),
    Pattern.TILES: ("squares", "joints"),
    Pattern.WOOD: ("bands", "grain"),
    Pattern.NOISE: ("spots", "grain"),
}


def sentences() -> tuple[str, ...]:
    """Return all sentences, the same for every dataset of compositions."""
    surfaces = [s for word, look in LOOKS.items() for s in _of_surface(word, look)]
    objects = [s for word, make in MAKES.items() for s in _of_object(word, make)]
    return (*surfaces, *objects)


def _of_surface(word: str, look: Look) -> Iterator[str]:
    yield f"{word} is a {look.kind}"
    for part in PATTERN_WORDS[look.pattern]:
        yield f"{word} surfaces show {part}"
    for tint in dict.fromkeys(tint.name for tint in (*look.first, *look.second)):
        if tint != word:
            yield f"{word} surfaces are partly {tint}"
    if look.pattern != Pattern.PLAIN:
        yield f"{word} surfaces repeat {'finely' if fmean(look.period) < 0.2 else 'coarsely'}"
    if look.kind == "colour":
        yield "{} lies between {} and {}".format(word, *_neighbours(word))
    hue, saturation, reflectance = measured_colour(look)
    yield f"{word} surfaces reflect {'much' if reflectance > 0.3 else 'little'} light"
    yield f"{word} surfaces look {'vivid' if saturation > 0.35 else 'pale'}"
    if saturation > 0.35:
        yield f"{word} surfaces feel {'warm' if hue < 0.2 or hue > 0.9 else 'cool'}"


def _neighbours(colour: str) -> tuple[str, str]:
    """Return the two dyes on either side of one on the circle of hues."""
    around = [tint.name for tint in sorted(DYES, key=lambda tint: tint.hue)]
    place = around.index(colour)
    return around[place - 1], around[(place + 1) % len(around)]


def measured_colour(look: Look) -> tuple[float, float, float]:
    """Return hue and saturation in [0, 1] and reflectance of a look: of its mean, linear light."""
    paints = [look.paint(Draw(number), 1.0) for number in range(DRAWS)]
    colours = [colour for paint in paints for colour in (paint.first, paint.second)]
    red, green, blue = (fmean(channel) for channel in zip(*colours, strict=True))
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    return hue, saturation, (red + green + blue) / 3


def _of_object(word: str, make: Make) -> Iterator[str]:
    for part in make.parts:
        yield f"the {word} has {part}"
    for room in make.rooms:
        yield f"the {word} stands in the {room}"
    width, height, roundness = measured_shape(make)
    yield f"the {word} is {'low' if height < 0.6 else 'high'}"
    yield f"the {word} is {'narrow' if width < 0.6 else 'wide'}"
    if roundness > 0.1:
        yield f"the {word} has curved sides"
    if roundness < 0.9:
        yield f"the {word} has straight sides"


def measured_shape(make: Make) -> tuple[float, float, float]:
    """Return an object's mean width and height in metres and its share of parts that are round."""
    draws = [Draw(number) for number in range(DRAWS)]
    things = [make.made(draw, building_style(draw)) for draw in draws]
    parts = [part for thing in things for part in thing.parts]
    return (
        fmean(thing.width for thing in things),
        fmean(thing.height for thing in things),
        fmean(part.shape != Shape.BOX for part in parts),
    )
