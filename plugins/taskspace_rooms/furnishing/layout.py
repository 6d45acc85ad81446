"""An empty room and the ways to put things into it so that nothing runs into anything."""

from __future__ import annotations

from collections.abc import Sequence

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import (
    QUARTERS,
    Bounds,
    Group,
    Piece,
    Vector,
    hull,
    moved_bounds,
)
from taskspace_rooms.furnishing.style import Style

MOST_PARTS = 45
"""Primitives in a scene, at most: what the renderer's time grows with."""

DOOR_ZONE = 0.75
TRIES = 8


class Room:
    """A room while it is furnished.

    Attributes:
        size: extents X, Y, Z in metres.
        front: the wall that the room looks to (0: y = 0, 1: x = 0, 2: y = Y, 3: x = X).
        density: a factor on the chance of everything that a room may have.
        pieces: what has been put into it, in the world frame.
    """

    def __init__(self, draw: Draw, style: Style, size: Vector, density: float) -> None:
        self.draw, self.style, self.size, self.density = draw, style, size, density
        self.front = draw.whole(0, 3)
        self.pieces: list[Piece] = []
        self._taken: list[Bounds] = []
        self._rugs: list[Bounds] = []
        self._parts = 0

    def wants(self, probability: float) -> bool:
        """Return whether this room has what rooms of its class have with this probability."""
        return self.draw.chance(probability * self.density)

    def wall_length(self, wall: int) -> float:
        """Return the length of a wall, metres."""
        return self.size[0] if wall in (0, 2) else self.size[1]

    def against_wall(
        self,
        group: Group,
        walls: Sequence[int] | None = None,
        share: tuple[float, float] = (0.0, 1.0),
    ) -> bool:
        """Put a group with its back to a wall, within a share of its length; whether it fits."""
        for _ in range(TRIES):
            wall = self.draw.pick(walls or (0, 1, 2, 3))
            if self._put(
                group, QUARTERS[wall], self._along(group, wall, self.draw.between(*share))
            ):
                return True
        return False

    def in_corner(self, group: Group) -> bool:
        """Put a group into a corner; whether it fits."""
        gap = self.draw.between(0.0, 0.06)
        for _ in range(TRIES):
            wall, end = self.draw.whole(0, 3), self.draw.pick((gap, 1.0 - gap))
            if self._put(group, QUARTERS[wall], self._along(group, wall, end)):
                return True
        return False

    def in_middle(self, group: Group, wall: int | None = None, inset: float = 0.45) -> bool:
        """Put a group away from the walls, its back to one of them; whether it fits."""
        for _ in range(TRIES):
            quarter = QUARTERS[self.draw.whole(0, 3) if wall is None else wall]
            lower, upper = moved_bounds(hull(p.bounds for p in group), (0, 0, 0), quarter)
            shift = [0.0, 0.0]
            for axis in range(2):
                least, most = inset - lower[axis], self.size[axis] - inset - upper[axis]
                if least > most:  # no room to choose: the centre, if it fits there
                    least = most = (least + most) / 2
                shift[axis] = self.draw.between(least, most)
            if self._put(group, quarter, (shift[0], shift[1], 0.0)):
                return True
        return False

    def hang(
        self, piece: Piece, height: float, walls: Sequence[int] | None = None, centred: bool = False
    ) -> int | None:
        """Hang an object on a wall, its lower edge at this height; the wall, if it fits."""
        for _ in range(TRIES):
            wall = self.draw.pick(walls or (0, 1, 2, 3))
            share = 0.5 if centred else self.draw.between(0.04, 0.96)
            x, y, _ = self._along((piece,), wall, share)
            if self._put((piece,), QUARTERS[wall], (x, y, height)):
                return wall
        return None

    def hang_at(self, piece: Piece, wall: int, along: float, height: float) -> bool:
        """Hang an object on a wall with its middle `along` metres from the origin's side."""
        x, y, _ = self._along((piece,), wall, 0.0)
        x, y = (along, y) if wall in (0, 2) else (x, along)
        return self._put((piece,), QUARTERS[wall], (x, y, height))

    def hang_from_ceiling(self, piece: Piece) -> bool:
        """Hang an object from somewhere near the ceiling's middle; whether it fits."""
        for _ in range(TRIES):
            x, y = (extent * self.draw.between(0.3, 0.7) for extent in self.size[:2])
            if self._put((piece,), QUARTERS[0], (x, y, self.size[2])):
                return True
        return False

    def keep_clear_before(self, piece: Piece, wall: int) -> None:
        """Keep the floor before a door free."""
        lower, upper = piece.bounds
        x, y = (1, 0) if wall in (1, 3) else (0, 1)
        self._taken.append(
            Bounds(
                (lower[0] - x * DOOR_ZONE, lower[1] - y * DOOR_ZONE, 0.0),
                (upper[0] + x * DOOR_ZONE, upper[1] + y * DOOR_ZONE, upper[2]),
            )
        )

    def _along(self, group: Group, wall: int, share: float) -> Vector:
        lower, upper = moved_bounds(hull(p.bounds for p in group), (0, 0, 0), QUARTERS[wall])
        along, across = (0, 1) if wall in (0, 2) else (1, 0)
        shift = [0.0, 0.0]
        shift[across] = -lower[across] if wall in (0, 1) else self.size[across] - upper[across]
        shift[along] = -lower[along] + share * (self.size[along] - upper[along] + lower[along])
        return (shift[0], shift[1], 0.0)

    def _put(self, group: Group, turn: tuple[float, float], shift: Vector) -> bool:
        if self._parts + sum(len(piece.parts) for piece in group) > MOST_PARTS:
            return False
        bounds = [moved_bounds(piece.bounds, shift, turn) for piece in group]
        for piece, there in zip(group, bounds, strict=True):
            if not self._inside(there):
                return False
            others = self._rugs if piece.kind == "rug" else self._taken
            if any(overlap(there, other) for other in others):
                return False
        for piece, there in zip(group, bounds, strict=True):
            (self._rugs if piece.kind == "rug" else self._taken).append(there)
            self.pieces.append(piece.moved(*shift, turn))
            self._parts += len(piece.parts)
        return True

    def _inside(self, bounds: Bounds) -> bool:
        lower, upper = bounds
        slack = 1e-9
        return (
            min(lower) >= -slack
            and upper[0] <= self.size[0] + slack
            and upper[1] <= self.size[1] + slack
            and upper[2] <= self.size[2] + slack
        )


def overlap(one: Bounds, other: Bounds) -> bool:
    """Return whether two boxes share more than a face."""
    (a, b), (c, d) = one, other
    slack = 1e-9
    return (
        a[0] < d[0] - slack
        and c[0] < b[0] - slack
        and a[1] < d[1] - slack
        and c[1] < b[1] - slack
        and a[2] < d[2] - slack
        and c[2] < b[2] - slack
    )
