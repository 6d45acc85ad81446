"""Objects that belong together, in one local frame: the back at -y, for the wall."""

from __future__ import annotations

import math

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.furniture import (
    bathroom,
    beds,
    fixtures,
    kitchen,
    lamps,
    seats,
    small,
    storage,
    tables,
)
from taskspace_rooms.furnishing.parts import Group, Piece, hull, moved_bounds
from taskspace_rooms.furnishing.style import Style

ABOUT = (-1.0, 0.0)
LEFT, RIGHT = (0.0, 1.0), (0.0, -1.0)
"""Cosine and sine that turn a front from +y to -y, to -x, to +x."""


def on_top(draw: Draw, below: Piece, thing: Piece) -> Piece:
    """Return a thing put down somewhere on the top of another."""
    x = draw.between(-1, 1) * max(0.0, below.width - thing.width) * 0.35
    y = draw.between(-1, 1) * max(0.0, below.depth - thing.depth) * 0.25
    middle = [(a + b) / 2 for a, b in zip(*below.bounds, strict=True)]
    return thing.moved(middle[0] + x, middle[1] + y, below.height)


def knick_knack(draw: Draw, style: Style) -> Piece:
    """Return a small thing for a table."""
    return draw.pick((small.vase, small.bowl, small.mug, small.pot_plant, lamps.table_lamp))(
        draw, style
    )


def facing(draw: Draw, seat: Piece, at_y: float, x: float = 0.0) -> Piece:
    """Return a seat that looks to -y from beyond `at_y`, a little askew."""
    cosine, sine = draw.turn(0.2)
    turn = (-cosine, -sine)
    near = moved_bounds(seat.bounds, (0, 0, 0), turn).lower[1]
    return seat.moved(x, at_y - near + draw.between(0.02, 0.22), 0.0, turn)


def work_place(draw: Draw, style: Style) -> Group:
    """Return a desk with its chair and often a screen."""
    desk = tables.desk(draw, style)
    seat = seats.office_chair if draw.chance(0.65) else seats.chair
    pieces = [desk, facing(draw, seat(draw, style), desk.depth / 2, draw.between(-0.15, 0.15))]
    if draw.chance(0.75):
        screen = small.monitor(draw, style)
        y = 0.05 - desk.depth / 2 + screen.depth / 2
        pieces.append(screen.moved(draw.between(-0.1, 0.1), y, desk.height))
    if draw.chance(0.4):
        thing = draw.pick((lamps.table_lamp, small.pot_plant, small.mug))(draw, style)
        side = draw.pick((-1, 1)) * (desk.width / 2 - 0.16)
        y = thing.depth / 2 - desk.depth / 2 + 0.05
        pieces.append(thing.moved(side, y, desk.height))
        if len(pieces) == 4 and _overlap(pieces[2], pieces[3]):
            pieces.pop()
    return tuple(pieces)


def bed_place(draw: Draw, style: Style) -> Group:
    """Return a bed with tables beside it."""
    bed = beds.bed(draw, style)
    pieces = [bed]
    for side in (-1, 1):
        if draw.chance(0.6):
            table = tables.side_table(draw, style)
            if draw.chance(0.3):
                table = storage.fronted(draw, style, draw.pick(style.woods), 0.45, 0.4, 0.5)
            x = side * (bed.width + table.width + 0.06) / 2
            y = bed.bounds.lower[1] + table.depth / 2
            table = table.moved(x, y)
            pieces.append(table)
            if draw.chance(0.7):
                pieces.append(on_top(draw, table, lamps.table_lamp(draw, style)))
    if draw.chance(0.4):
        pieces.append(small.rug(draw, style, bed.width + 1.0, draw.between(1.0, 1.5)).moved(0, 0.3))
    return tuple(pieces)


def sofa_place(draw: Draw, style: Style) -> Group:
    """Return a sofa with a low table before it, a rug, and what else belongs there."""
    sofa = seats.sofa(draw, style)
    table = tables.coffee_table(draw, style)
    y = sofa.bounds.upper[1] + draw.between(0.25, 0.45) + table.depth / 2
    table = table.moved(draw.between(-0.15, 0.15), y)
    pieces = [sofa, table]
    if draw.chance(0.6):
        pieces.append(on_top(draw, table, knick_knack(draw, style)))
    if draw.chance(0.6):
        wide = sofa.width * draw.between(0.8, 1.1)
        pieces.append(small.rug(draw, style, wide, draw.between(1.2, 1.7)).moved(0, y))
    side = draw.pick((-1, 1))
    if draw.chance(0.45):
        lamp = lamps.floor_lamp(draw, style)
        x = side * (sofa.width + lamp.width + 0.08) / 2
        pieces.append(lamp.moved(x, sofa.bounds.lower[1] + lamp.depth / 2))
    if draw.chance(0.4):
        chair = seats.armchair(draw, style)
        chair = chair.moved(turn=RIGHT if side > 0 else LEFT)
        x = -side * (table.width / 2 + 0.45 + chair.width / 2)
        pieces.append(chair.moved(x, max(y, sofa.bounds.upper[1] + chair.depth / 2 + 0.08)))
    return tuple(pieces)


def reading_place(draw: Draw, style: Style) -> Group:
    """Return an armchair with a lamp or a little table."""
    chair = seats.armchair(draw, style)
    make = draw.pick((lamps.floor_lamp, tables.side_table))
    other = make(draw, style)
    x = draw.pick((-1, 1)) * (chair.width + other.width + 0.08) / 2
    return (chair, other.moved(x, chair.bounds.lower[1] + other.depth / 2))


def dining_place(draw: Draw, style: Style, chairs: int) -> Group:
    """Return a table with up to this many chairs around it."""
    table = tables.dining_table(draw, style)
    seat = seats.stool if draw.chance(0.1) else seats.chair
    long = 2 if table.width > 1.4 else 1
    places = [(side, k) for k in range(long) for side in (0, 1)]
    if table.width > 1.6 or long == 1:
        places += [(2, 0), (3, 0)]
    chair = seat(draw, style)  # one make around one table
    pieces = [table]
    for side, k in places[:chairs]:
        x = (k - (long - 1) / 2) * table.width * 0.46
        if side < 2:
            there = facing(draw, chair, table.depth / 2, x)
            pieces.append(there if side == 0 else there.moved(turn=ABOUT))
        else:
            there = facing(draw, chair, table.width / 2)
            pieces.append(there.moved(turn=LEFT if side == 2 else RIGHT))
    if draw.chance(0.6):
        pieces.append(on_top(draw, table, knick_knack(draw, style)))
    if draw.chance(0.35):
        pieces.append(small.rug(draw, style, table.width + 1.2, table.depth + 1.2))
    return tuple(pieces)


def screen_place(draw: Draw, style: Style) -> Group:
    """Return a low cabinet with a screen on it."""
    below, screen = storage.low_cabinet(draw, style), small.television(draw, style)
    return (below, screen.moved(0.0, draw.between(-0.08, 0.02), below.height))


def chest_place(draw: Draw, style: Style) -> Group:
    """Return a chest with something on it."""
    below = storage.cabinet(draw, style)
    if draw.chance(0.6):
        return (below, on_top(draw, below, knick_knack(draw, style)))
    return (below,)


def basin_place(draw: Draw, style: Style) -> Group:
    """Return a wash basin with a mirror over it."""
    sink = bathroom.basin(draw, style)
    if draw.chance(0.8):
        glass = fixtures.mirror(draw, style)
        return (sink, glass.moved(0.0, sink.bounds.lower[1], draw.between(1.12, 1.25)))
    return (sink,)


def kitchen_row(draw: Draw, style: Style, length: float) -> Group:
    """Return worktops with sink and stove, a fridge at an end, cupboards above."""
    front = draw.pick((*style.woods, style.trim, style.accents[1], style.ceramic))
    top = draw.pick((*style.woods, *style.metals, style.ceramic))
    width = draw.between(0.6, 0.9)
    row = [kitchen.kitchen_sink(draw, style, front, top, width), kitchen.stove(draw, style)]
    while sum(unit.width for unit in row) + width < length - 0.7 and len(row) < 4:
        row.append(kitchen.counter(draw, style, front, top, width))
    row = draw.shuffled(row)
    if draw.chance(0.75):
        row.insert(draw.pick((0, len(row))), kitchen.fridge(draw, style))
    pieces: list[Piece] = []
    x, hung = 0.0, draw.between(1.42, 1.55)
    hangs = draw.chance(0.75)
    back = -kitchen.DEPTH / 2
    for unit in row:
        x += unit.width / 2
        pieces.append(unit.moved(x, back - unit.bounds.lower[1]))
        if hangs and unit.kind == "cabinet" and draw.chance(0.9):
            above = kitchen.hanging_cabinet(draw, style, front, unit.width)
            pieces.append(above.moved(x, back - above.bounds.lower[1], hung))
        x += unit.width / 2 + 0.004
    on = [unit for unit in pieces if unit.kind == "cabinet" and unit.bounds.lower[2] == 0]
    if on and draw.chance(0.6):
        below = draw.pick(on)
        pieces.append(
            on_top(draw, below, draw.pick((small.bowl, small.mug, small.vase))(draw, style))
        )
    return tuple(pieces)


def school_places(draw: Draw, style: Style, columns: int, rows: int) -> Group:
    """Return desks in rows whose pupils look to -y."""
    desk, chair = tables.school_desk(draw, style), seats.school_chair(draw, style)
    across, along = desk.width + draw.between(0.4, 0.7), draw.between(1.25, 1.5)
    pieces: list[Piece] = []
    for row in range(rows):
        for column in range(columns):
            x, y = (column - (columns - 1) / 2) * across, row * along
            pieces.append(desk.moved(x, y))
            if draw.chance(0.92):
                pieces.append(facing(draw, chair, desk.depth / 2).moved(x, y))
    return tuple(pieces)


def seat_row(draw: Draw, style: Style) -> Group:
    """Return two to four chairs side by side, to wait on."""
    chair = seats.chair(draw, style)
    each = chair.width + 0.06
    count = draw.whole(2, 4)
    return tuple(chair.moved((k - (count - 1) / 2) * each) for k in range(count))


def box_pile(draw: Draw, style: Style) -> Group:
    """Return boxes on each other and beside each other."""
    first = storage.carton(draw, style)
    pieces = [first]
    if draw.chance(0.6):
        second = storage.carton(draw, style)
        if second.width < first.width + 0.1 and second.depth < first.depth + 0.1:
            pieces.append(second.moved(z=first.height))
    if draw.chance(0.4):
        third = storage.carton(draw, style)
        pieces.append(third.moved((first.width + third.width) / 2 + 0.12))
    return tuple(pieces)


def spread(group: Group) -> float:
    """Return how far a group reaches along its wall, metres."""
    bounds = hull(piece.bounds for piece in group)
    return bounds.upper[0] - bounds.lower[0]


def _overlap(one: Piece, other: Piece) -> bool:
    return all(
        max(one.bounds.lower[axis], other.bounds.lower[axis])
        < min(one.bounds.upper[axis], other.bounds.upper[axis])
        for axis in range(3)
    )


def grid_size(wide: float, deep: float) -> tuple[int, int]:
    """Return columns and rows of school desks for a floor of this size."""
    columns = max(1, min(3, math.floor((wide - 0.6) / 1.6)))
    rows = max(1, min(3, math.floor((deep - 1.6) / 1.4)))
    while columns * rows > 5:
        if rows >= columns:
            rows -= 1
        else:
            columns -= 1
    return columns, rows
