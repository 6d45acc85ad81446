"""The box that the room is."""

from math import degrees, hypot
from typing import ClassVar

import torch
from torch import Tensor

from taskspace_plugins.tasks.geometry._directions import rotate
from taskspace_plugins.tasks.geometry._room_pictures import SIGNS, room_plan
from taskspace_plugins.tasks.geometry._vector_label import VectorLabelTask

SCALES = (2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 0.5, 0.5, 0.5)
"""Two metres for the centre, four for the sides, half a radian for the rotation: rooms are some
metres wide, and no room is turned by more than a few tens of degrees from its nearest axes."""


class RoomLayout(VectorLabelTask):
    """Where the room's walls, floor and ceiling are: a box in the frame of the camera.

    Taskonomy, Sec. 3 (room layout): centre and sides in metres, rotation vector in radians; the
    axes are those of the room that are nearest to the camera's x, y and z. L2 over `SCALES`.
    """

    name: ClassVar[str] = "room_layout"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "room_layout"})
    metric: ClassVar[str] = "corner_distance_metres"
    label: ClassVar[str] = "room_layout"
    scales: ClassVar[tuple[float, ...]] = SCALES

    def error(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """Return the distance of predicted from true corners, the mean over the eight: metres."""
        apart: Tensor = corners(prediction) - corners(truth)
        return apart.square().sum(dim=-1).sqrt().mean(dim=1)

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return the box seen from above, the camera in the middle looking up; grey if missing."""
        missing = values.isnan().any(dim=1)
        plan = room_plan(corners(values.nan_to_num(0) * values.new_tensor(self.scales)), input)
        return plan.masked_fill(missing[:, None, None, None], 0.5)

    def in_words(self, numbers: list[float]) -> str:
        """Return the room's sides and how it is turned."""
        x, y, z = numbers[3:6]
        return f"{x:.1f} x {y:.1f} x {z:.1f} m, turned {degrees(hypot(*numbers[6:])):.0f}°"


def corners(layout: Tensor) -> Tensor:
    """Return the eight corners [B, 8, 3] of layouts [B, 9], in metres."""
    centre, size, rotation = (part[:, None] for part in torch.split(layout, 3, dim=1))
    signs = layout.new_tensor(SIGNS)
    return centre + rotate(rotation, size * signs)
