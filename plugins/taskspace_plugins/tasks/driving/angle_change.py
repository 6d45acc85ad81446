"""How far a car turned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pydantic

from taskspace_plugins.tasks.driving._change import ChangeTask, Edges


class AngleChange(ChangeTask):
    """By how many degrees a car turned in two seconds, from four frames of its video.

    Yan 2020, Sec. 4.2: the course by GPS at frame n+10 minus that at frame n, at 5 frames a second,
    the shorter way round; clockwise is positive. The paper shows its classes in a figure only: the
    seven here are ours.
    """

    name: ClassVar[str] = "angle_change"
    requires: ClassVar[frozenset[str]] = frozenset({"clip", "angle_change"})

    edges: Edges = pydantic.Field(
        (-45.0, -15.0, -5.0, 5.0, 15.0, 45.0),
        description="Degrees between two classes, rising; a class holds its lower edge.",
    )

    def bins(self) -> tuple[Sequence[float], str]:
        """Return the edges in degrees."""
        return self.edges, "°"

    def number(self) -> str:
        """Return `angle_change`, degrees in (-180, 180]."""
        return "angle_change"
