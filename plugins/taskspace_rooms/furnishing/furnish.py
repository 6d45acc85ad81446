"""From a class and a style to a furnished room."""

from __future__ import annotations

from dataclasses import dataclass

from taskspace_rooms.classes import FURNITURE_CLASSES, SCENE_CLASSES
from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture import fixtures, lamps
from taskspace_rooms.furnishing.layout import Room
from taskspace_rooms.furnishing.parts import Piece, Vector
from taskspace_rooms.furnishing.recipes import RECIPES, STRAYS, Recipe
from taskspace_rooms.furnishing.style import Paint, Style

LEAST_SIDE, MOST_SIDE, LEAST_HEIGHT, MOST_HEIGHT = 2.2, 9.0, 2.3, 3.5
FEWEST = 4
"""Pieces of furniture; large rooms have one more for every so many square metres."""
AREA_A_PIECE = 9.0


@dataclass(frozen=True)
class Furnished:
    """A room with what is in it.

    Attributes:
        scene_class: index into the scene classes.
        size: extents in metres.
        surfaces: paints of x = 0, x = X, y = 0, y = Y, floor, ceiling.
        pieces: objects in the world frame.
    """

    scene_class: int
    size: Vector
    surfaces: tuple[Paint, ...]
    pieces: tuple[Piece, ...]


def furnish(draw: Draw, style: Style) -> Furnished:
    """Return a room of a random class in the style of its building."""
    scene_class = draw.whole(0, len(SCENE_CLASSES) - 1)
    recipe = RECIPES[SCENE_CLASSES[scene_class]]
    room = Room(draw, style, _size(draw, style, recipe), draw.between(0.55, 1.0))
    wet = draw.chance(recipe.wet)
    surfaces = _surfaces(draw, style, wet)
    _openings(room, draw, style, recipe, surfaces[0])
    recipe.furnish(room, draw, style)
    fewest = max(FEWEST, room.size[0] * room.size[1] / AREA_A_PIECE)
    for probability in (0.35, 0.15, 0.0, 0.0):
        bare = sum(piece.kind in FURNITURE_CLASSES for piece in room.pieces) < fewest
        if bare or draw.chance(probability):
            room.against_wall((draw.pick(STRAYS)(draw, style),))
    for _ in range(3):
        if draw.chance(recipe.pictures):
            room.hang(fixtures.picture(draw, style), draw.between(1.15, 1.5))
    return Furnished(scene_class, room.size, surfaces, tuple(room.pieces))


def _size(draw: Draw, style: Style, recipe: Recipe) -> Vector:
    long, short = draw.between(*recipe.long), draw.between(*recipe.short)
    height = style.height * recipe.height * draw.between(0.97, 1.03)
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, height))
    long, short = (min(MOST_SIDE, max(LEAST_SIDE, side)) for side in (long, short))
    return (long, short, height) if draw.chance(0.5) else (short, long, height)


def _surfaces(draw: Draw, style: Style, wet: bool) -> tuple[Paint, ...]:
    main = draw.pick(style.wet_walls if wet else (style.walls[0], style.walls[0], style.walls[1]))
    walls = [main] * 4
    if draw.chance(0.3):  # one wall in another paint
        walls[draw.whole(0, 3)] = draw.pick(style.walls)
    floor = draw.pick(style.wet_floors if wet else style.dry_floors)
    return (*walls, floor, style.ceiling)


def _openings(room: Room, draw: Draw, style: Style, recipe: Recipe, wall_paint: Paint) -> None:
    if draw.chance(0.12):
        room.in_middle((fixtures.pillar(draw, style, room.size[2], wall_paint),), inset=0.6)
    elif draw.chance(0.08):
        room.in_corner((fixtures.pillar(draw, style, room.size[2], wall_paint),))
    if draw.chance(0.75):
        wall = room.hang(fixtures.door(draw, style), 0.0)
        if wall is not None:
            room.keep_clear_before(room.pieces[-1], wall)
    sill = draw.between(0.8, 1.15)
    tall = min(draw.between(0.9, 1.4), room.size[2] - sill - 0.25)
    cloth = draw.chance(0.3)
    for _ in range(2):
        if draw.chance(recipe.windows):
            pane = fixtures.window(draw, style, draw.between(0.7, 1.8), tall)
            wall = room.hang(pane, sill)
            if wall is not None and cloth:
                _curtains(room, draw, style, wall, sill, tall)
    if draw.chance(0.6):
        _ceiling_lamps(room, draw, style)


def _curtains(room: Room, draw: Draw, style: Style, wall: int, sill: float, tall: float) -> None:
    lower, upper = room.pieces[-1].bounds
    along = 0 if wall in (0, 2) else 1
    cloth = fixtures.curtain(draw, style, tall + 0.2)
    for edge in (lower[along] - cloth.width / 2, upper[along] + cloth.width / 2):
        room.hang_at(cloth, wall, edge, sill - 0.12)


def _ceiling_lamps(room: Room, draw: Draw, style: Style) -> None:
    if room.size[2] > 2.45 and draw.chance(0.7):
        drop = draw.between(0.12, min(0.55, room.size[2] - 2.3))
        room.hang_from_ceiling(lamps.ceiling_lamp(draw, style, drop))
    else:
        for _ in range(draw.whole(1, 2)):
            room.hang_from_ceiling(lamps.flat_lamp(draw, style))
