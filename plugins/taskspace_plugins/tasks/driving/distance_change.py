"""How far a car went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import pydantic

from taskspace_plugins.tasks.driving._change import ChangeTask, Edges

METRES = (1.0, 5.0, 10.0, 20.0, 30.0, 40.0)
DEGREES = (1e-5, 5e-5, 1e-4, 2e-4, 3e-4, 4e-4)
"""About the same distances northwards: a degree of latitude has 111 km."""


class DistanceChange(ChangeTask):
    """How far a car went in two seconds, from four frames of its video.

    Yan 2020, Sec. 4.2: the straight line between the positions by GPS at frames n and n+10, at 5
    frames a second. The paper takes it in degrees, in which a drive is longer eastwards than
    northwards; `unit: degrees` does as the paper. The paper shows its classes in a figure only: the
    seven here are ours.
    """

    name: ClassVar[str] = "distance_change"
    requires: ClassVar[frozenset[str]] = frozenset({"clip", "distance_change"})

    unit: Literal["metres", "degrees"] = pydantic.Field(
        "metres", description="Of the distance and of `edges`."
    )
    edges: Edges | None = pydantic.Field(
        None,
        description="Distances between two classes, rising; a class holds its lower edge. By "
        "default 1, 5, 10, 20, 30 and 40 metres, or about as much in degrees.",
    )

    def bins(self) -> tuple[Sequence[float], str]:
        """Return the edges in the unit."""
        metric = self.unit == "metres"
        return self.edges or (METRES if metric else DEGREES), " m" if metric else "°"

    def number(self) -> str:
        """Return `distance_change`, or `distance_degrees` where that is the unit."""
        return "distance_change" if self.unit == "metres" else "distance_degrees"
