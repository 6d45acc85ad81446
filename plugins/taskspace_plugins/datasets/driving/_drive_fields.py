"""The fields of datasets of drives: boxes of a frame, and motion over a window of four frames."""

from __future__ import annotations

from taskspace.components import Field
from taskspace_plugins.datasets.driving._clips import SHOWN
from taskspace_plugins.datasets.driving._scalabel import CATEGORIES

BOXES = ("boxes", "box_class", "box_crowd", "box_count")
MOTION = ("angle_change", "distance_change", "distance_degrees")


def box_fields(most: int) -> dict[str, Field]:
    """Return the fields of boxes, of which an image has so many at most."""
    return {
        "boxes": Field((most, 4), description="Pixels.", count="box_count"),
        "box_class": Field((most,), CATEGORIES, count="box_count"),
        "box_crowd": Field((most,), ("single", "crowd"), count="box_count"),
        "box_count": Field((), description="Boxes of the frame."),
    }


def motion_fields(size: tuple[int, int]) -> dict[str, Field]:
    """Return the fields of a window with frames of this height and width."""
    return {
        "clip": Field((len(SHOWN), 3, *size), description="Frames n, n+3, n+6, n+9."),
        "angle_change": Field((), description="Degrees, clockwise, in 2 s."),
        "distance_change": Field((), description="Metres in 2 s."),
        "distance_degrees": Field((), description="Degrees of coordinates in 2 s."),
    }
