"""What tables and chairs stand on."""

from __future__ import annotations

from taskspace_rooms.furnishing.parts import Solid, box, cylinder
from taskspace_rooms.furnishing.style import Paint, Style


def legs(
    style: Style, paint: Paint, width: float, depth: float, height: float, make: str
) -> list[Solid]:
    """Return four posts, two panels, or a column with a foot, under a board of this size."""
    if make == "panels":
        thick = 0.03 * style.bulk
        x = (width - thick) / 2 - 0.01
        return [box(paint, thick, depth * 0.92, height, (side * x, 0, 0)) for side in (-1, 1)]
    if make == "column":
        foot = 0.42 * min(width, depth)
        return [
            cylinder(paint, foot, 0.04),
            cylinder(paint, 0.035 * style.bulk, height - 0.04, (0, 0, 0.04)),
        ]
    thick = 0.045 * style.bulk
    x, y = (width - thick) / 2 - 0.01, (depth - thick) / 2 - 0.01
    return [
        box(paint, thick, thick, height, (across * x, along * y, 0))
        for across in (-1, 1)
        for along in (-1, 1)
    ]
