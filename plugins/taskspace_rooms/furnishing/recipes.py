"""What each class of room is made of; the classes share furniture, sizes and taste on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture import (
    bathroom,
    beds,
    fixtures,
    lamps,
    seats,
    small,
    storage,
    tables,
)
from taskspace_rooms.furnishing.groups import (
    basin_place,
    bed_place,
    box_pile,
    chest_place,
    dining_place,
    grid_size,
    kitchen_row,
    reading_place,
    school_places,
    screen_place,
    seat_row,
    sofa_place,
    work_place,
)
from taskspace_rooms.furnishing.layout import Room
from taskspace_rooms.furnishing.parts import Group, Piece
from taskspace_rooms.furnishing.style import Style

Furnish = Callable[[Room, Draw, Style], None]


@dataclass(frozen=True)
class Recipe:
    """A class of room.

    Attributes:
        long, short: ranges of the floor's sides, metres.
        height: a factor on the building's height of rooms.
        wet: the chance of tiled walls and floor.
        windows: the chance of each of two windows.
        pictures: the chance of each of three pictures.
        furnish: puts the furniture into the room.
    """

    long: tuple[float, float]
    short: tuple[float, float]
    furnish: Furnish
    height: float = 1.0
    wet: float = 0.05
    windows: float = 0.6
    pictures: float = 0.4


def one(room: Room, probability: float, make: Callable[[Draw, Style], Piece]) -> None:
    """Put an object against a wall, if the room wants it."""
    if room.wants(probability):
        room.against_wall((make(room.draw, room.style),))


def together(room: Room, probability: float, make: Callable[[Draw, Style], Group]) -> None:
    """Put what belongs together against a wall, if the room wants it."""
    if room.wants(probability):
        room.against_wall(make(room.draw, room.style))


def corner(room: Room, probability: float, make: Callable[[Draw, Style], Piece]) -> None:
    """Put an object into a corner, if the room wants it."""
    if room.wants(probability):
        room.in_corner((make(room.draw, room.style),))


def _office(room: Room, draw: Draw, style: Style) -> None:
    for number, probability in enumerate((1.0, 0.65, 0.35)):
        if number == 0 or room.wants(probability):
            group = work_place(draw, style)
            if not (draw.chance(0.3) and room.in_middle(group)):
                room.against_wall(group)
    one(room, 0.6, storage.bookshelf)
    one(room, 0.45, storage.cabinet)
    if room.wants(0.3):
        room.hang(fixtures.board(draw, style, draw.between(1.0, 1.6)), 0.9)
    corner(room, 0.5, small.plant)
    one(room, 0.5, small.basket)
    corner(room, 0.2, lamps.floor_lamp)
    one(room, 0.2, seats.chair)


def _bedroom(room: Room, draw: Draw, style: Style) -> None:
    if not room.against_wall(bed_place(draw, style)):
        room.in_corner((beds.bed(draw, style),))
    one(room, 0.65, storage.wardrobe)
    together(room, 0.5, chest_place)
    together(room, 0.3, work_place)
    together(room, 0.2, reading_place)
    corner(room, 0.3, small.plant)
    one(room, 0.2, small.ball)
    one(room, 0.2, storage.bookshelf)
    corner(room, 0.2, lamps.floor_lamp)
    one(room, 0.2, small.basket)


def _living_room(room: Room, draw: Draw, style: Style) -> None:
    room.against_wall(sofa_place(draw, style))
    together(room, 0.6, screen_place)
    one(room, 0.5, storage.bookshelf)
    together(room, 0.3, reading_place)
    if room.wants(0.2):
        room.in_middle(dining_place(draw, style, 4))
    together(room, 0.25, chest_place)
    corner(room, 0.55, small.plant)
    corner(room, 0.3, lamps.floor_lamp)
    one(room, 0.15, small.ball)


def _kitchen(room: Room, draw: Draw, style: Style) -> None:
    wall = draw.whole(0, 3)
    length = room.wall_length(wall)
    if not room.against_wall(kitchen_row(draw, style, length), (wall,)):
        any(room.against_wall(kitchen_row(draw, style, 1.5)) for _ in range(3))
    if room.wants(0.55):
        room.in_middle(dining_place(draw, style, draw.whole(2, 4)), inset=0.3)
    one(room, 0.3, storage.cabinet)
    one(room, 0.35, small.basket)
    if room.wants(0.3):
        room.hang(storage.wall_shelf(draw, style), draw.between(1.35, 1.6))
    corner(room, 0.2, small.plant)
    one(room, 0.15, seats.stool)


def _corridor(room: Room, draw: Draw, style: Style) -> None:
    for probability in (1.0, 0.45):
        if room.wants(probability):
            leaf = fixtures.door(draw, style)
            wall = room.hang(leaf, 0.0)
            if wall is not None:
                room.keep_clear_before(room.pieces[-1], wall)
    together(room, 0.35, chest_place)
    one(room, 0.35, tables.side_table)
    one(room, 0.4, seats.chair)
    one(room, 0.35, storage.bookshelf)
    corner(room, 0.6, small.plant)
    corner(room, 0.2, lamps.floor_lamp)
    one(room, 0.2, small.basket)
    if room.wants(0.3):
        low, high = min(room.size[:2]), max(room.size[:2])
        room.in_middle(
            (small.rug(draw, style, high * 0.6, low * 0.5),), 0 if room.size[0] > low else 1
        )
    together(room, 0.15, box_pile)


def _bathroom(room: Room, draw: Draw, style: Style) -> None:
    if room.wants(0.7):
        tub = (bathroom.bathtub(draw, style),)
        if not room.in_corner(tub):
            room.against_wall(tub)
    room.against_wall(basin_place(draw, style))
    one(room, 0.85, bathroom.toilet)
    one(room, 0.3, storage.cabinet)
    one(room, 0.45, small.basket)
    if room.wants(0.3):
        room.in_middle((small.rug(draw, style, draw.between(0.7, 1.1), 0.6),), inset=0.2)
    corner(room, 0.2, small.plant)
    one(room, 0.15, seats.stool)


def _dining_room(room: Room, draw: Draw, style: Style) -> None:
    if not room.in_middle(dining_place(draw, style, draw.whole(3, 6))):
        room.in_middle(dining_place(draw, style, 2), inset=0.2)
    together(room, 0.65, chest_place)
    one(room, 0.3, storage.bookshelf)
    one(room, 0.25, storage.wardrobe)
    corner(room, 0.5, small.plant)
    corner(room, 0.3, lamps.floor_lamp)
    together(room, 0.2, reading_place)


def _classroom(room: Room, draw: Draw, style: Style) -> None:
    width = room.wall_length(room.front)
    depth = room.size[1] if room.front in (0, 2) else room.size[0]
    room.hang(
        fixtures.board(draw, style, min(width * 0.6, draw.between(1.8, 3.0))),
        0.85,
        (room.front,),
        centred=draw.chance(0.7),
    )
    columns, rows = grid_size(width, depth)
    room.in_middle(school_places(draw, style, columns, rows), room.front, inset=0.35)
    together(room, 0.4, work_place)
    one(room, 0.4, storage.bookshelf)
    one(room, 0.3, storage.cabinet)
    one(room, 0.35, small.basket)
    corner(room, 0.2, small.plant)
    one(room, 0.15, small.ball)


def _storage_room(room: Room, draw: Draw, style: Style) -> None:
    for probability in (0.95, 0.6, 0.3):
        one(room, probability, draw.pick((storage.rack, storage.rack, storage.bookshelf)))
    for probability in (0.95, 0.7, 0.5, 0.3):
        together(room, probability, box_pile)
    if room.wants(0.4):
        room.in_middle(box_pile(draw, style))
    one(room, 0.5, storage.drum)
    one(room, 0.3, storage.wardrobe)
    one(room, 0.2, tables.desk)
    one(room, 0.25, seats.chair)
    one(room, 0.2, small.ball)


def _lobby(room: Room, draw: Draw, style: Style) -> None:
    together(room, 0.8, seat_row)
    together(room, 0.55, sofa_place)
    if room.wants(0.45):
        room.in_middle(work_place(draw, style))
    together(room, 0.4, reading_place)
    if room.wants(0.4):
        screen = small.television(draw, style)
        room.hang(screen.moved(y=0.025), draw.between(1.2, 1.5))
    for probability in (0.8, 0.45):
        corner(room, probability, small.plant)
    if room.wants(0.4):
        rug = small.rug(draw, style, draw.between(1.6, 2.6), draw.between(1.4, 2.2))
        room.in_middle((rug,))
    one(room, 0.3, small.basket)
    one(room, 0.2, storage.low_cabinet)


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "office": Recipe((3.2, 6.5), (2.8, 5.0), _office, pictures=0.3),
        "bedroom": Recipe((3.2, 5.5), (2.8, 4.5), _bedroom),
        "living_room": Recipe((3.6, 7.0), (3.2, 5.5), _living_room, pictures=0.5),
        "kitchen": Recipe((3.0, 6.0), (2.5, 4.5), _kitchen, wet=0.6, pictures=0.2),
        "corridor": Recipe((4.0, 9.0), (2.2, 2.9), _corridor, windows=0.2, pictures=0.5),
        "bathroom": Recipe((2.5, 4.6), (2.2, 3.4), _bathroom, wet=0.85, windows=0.3, pictures=0.1),
        "dining_room": Recipe((3.4, 6.5), (3.0, 5.0), _dining_room, pictures=0.5),
        "classroom": Recipe((5.0, 9.0), (4.2, 7.0), _classroom, height=1.08, pictures=0.25),
        "storage_room": Recipe((2.6, 6.0), (2.3, 4.5), _storage_room, windows=0.2, pictures=0.05),
        "lobby": Recipe((4.5, 9.0), (3.6, 7.0), _lobby, height=1.12, pictures=0.4),
    }
)

STRAYS: tuple[Callable[[Draw, Style], Piece], ...] = (
    seats.chair,
    storage.cabinet,
    storage.bookshelf,
    small.plant,
    small.basket,
    small.ball,
    storage.carton,
    tables.side_table,
    lamps.floor_lamp,
    tables.desk,
)
"""What may stand in any room."""
