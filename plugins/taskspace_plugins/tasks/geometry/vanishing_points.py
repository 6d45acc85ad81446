"""Where the room's parallel edges meet."""

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from taskspace_plugins.tasks.geometry._directions import angle
from taskspace_plugins.tasks.geometry._room_pictures import room_axes
from taskspace_plugins.tasks.geometry._vector_label import VectorLabelTask


class VanishingPoints(VectorLabelTask):
    """The three directions of the room's edges, as unit vectors in the frame of the camera.

    Taskonomy, Sec. 3 (vanishing points): nine numbers without units, L2. The image of a direction
    is the point where edges along it meet, also where that is at infinity.
    """

    name: ClassVar[str] = "vanishing_points"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "vanishing_points"})
    metric: ClassVar[str] = "angular_error_degrees"
    label: ClassVar[str] = "vanishing_points"
    scales: ClassVar[tuple[float, ...]] = (1.0,) * 9

    def error(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """Return the angle between predicted and true lines, the mean over three: degrees.

        Opposite directions have the same vanishing point, so no angle is above 90 degrees.
        """
        apart = angle(prediction.reshape(-1, 3, 3), truth.reshape(-1, 3, 3))
        return torch.minimum(apart, torch.pi - apart).rad2deg().mean(dim=1)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return directions of length one [B, 9]."""
        return functional.normalize(prediction.reshape(-1, 3, 3), dim=-1).flatten(1)

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return the directions from the middle of the paled image; grey where missing."""
        missing = values.isnan().any(dim=1)
        axes = room_axes(values.nan_to_num(0).reshape(-1, 3, 3), input)
        return axes.masked_fill(missing[:, None, None, None], 0.5)

    def in_words(self, numbers: list[float]) -> str:
        """Return the three directions."""
        rows = (numbers[first : first + 3] for first in (0, 3, 6))
        return " ".join(f"({x:.2f}, {y:.2f}, {z:.2f})" for x, y, z in rows)
