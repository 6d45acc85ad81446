"""The objects of compositions: how each is made, what it consists of and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture import (
    bathroom,
    beds,
    lamps,
    seats,
    small,
    storage,
    tables,
)
from taskspace_rooms.furnishing.parts import Piece
from taskspace_rooms.furnishing.style import Paint, Style


@dataclass(frozen=True)
class Make:
    """How an object is made.

    Attributes:
        variants: functions that furnish rooms with it.
        parts: words for what it consists of.
        rooms: words for where rooms have it.
    """

    variants: tuple[Callable[[Draw, Style], Piece], ...]
    parts: tuple[str, ...]
    rooms: tuple[str, ...]

    def made(self, draw: Draw, style: Style) -> Piece:
        """Return an object in the taste of a building."""
        return draw.pick(self.variants)(draw, style)


def painted(thing: Piece, paint: Paint) -> Piece:
    """Return an object whose parts all have one paint."""
    parts = tuple(part._replace(paint=paint) for part in thing.parts)
    return Piece(thing.kind, parts, thing.bounds)


LIVING, SLEEPING, WORK = ("lounge", "lobby"), ("bedroom",), ("office", "classroom")
EATING, WET, STORE = ("kitchen", "restaurant"), ("bathroom",), ("storage", "garage")

MAKES: Mapping[str, Make] = MappingProxyType(
    {
        "chair": Make((seats.chair,), ("a seat", "legs", "a back"), (*EATING, *WORK)),
        "stool": Make((seats.stool,), ("a seat", "legs", "a foot"), (*EATING, *WORK)),
        "sofa": Make((seats.sofa,), ("a seat", "a back", "arms", "cushions"), LIVING),
        "bed": Make((beds.bed,), ("a mattress", "pillows", "cushions"), SLEEPING),
        "table": Make((tables.dining_table,), ("a top", "legs"), (*EATING, *LIVING)),
        "desk": Make((tables.desk,), ("a top", "legs", "drawers"), (*WORK, *SLEEPING)),
        "shelf": Make((storage.bookshelf,), ("boards", "books", "sides"), (*WORK, *LIVING)),
        "cabinet": Make((storage.cabinet,), ("doors", "drawers", "sides"), (*SLEEPING, *STORE)),
        "lamp": Make((lamps.table_lamp,), ("a shade", "a foot"), (*LIVING, *SLEEPING)),
        "vase": Make((small.vase,), ("a neck", "a belly"), (*LIVING, *EATING)),
        "bowl": Make((small.bowl,), ("a belly", "a rim"), EATING),
        "ball": Make((small.ball,), ("a surface",), ("classroom", "garage")),
        "box": Make((storage.carton,), ("a lid", "sides"), STORE),
        "barrel": Make((storage.drum,), ("a lid", "a belly"), STORE),
        "bathtub": Make((bathroom.bathtub,), ("a tap", "a rim", "sides"), WET),
        "toilet": Make((bathroom.toilet,), ("a lid", "a seat", "a rim", "a tank"), WET),
    }
)
"""By the words of `OBJECTS`."""
