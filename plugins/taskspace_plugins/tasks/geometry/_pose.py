"""Tasks that tell how cameras stand to each other."""

from __future__ import annotations

from math import degrees, hypot
from typing import ClassVar

from torch import Tensor

from taskspace_plugins.tasks.geometry._directions import rotation_between
from taskspace_plugins.tasks.geometry._vector_label import VectorLabelTask

POSE_SCALES = (1.0, 1.0, 1.0, 0.5, 0.5, 0.5)
"""A metre for each of the three parts of a translation, half a radian for each of a rotation
vector: views of one room are a step and some tens of degrees apart."""


class PoseTask(VectorLabelTask):
    """Poses of one camera relative to another: translation and rotation vector, six numbers each.

    A pose of B relative to A is the centre of B in A's frame (metres; x right, y up, z to the
    viewer) and the rotation vector (radians) of R_A^T R_B, where R turns a camera's frame into the
    world's.
    """

    metric: ClassVar[str] = "rotation_error_degrees"
    plain_input: ClassVar[bool] = False

    def error(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """Return the angle between predicted and true rotation, the mean over poses: degrees."""
        poses = len(self.scales) // 6
        predicted, true = (each.reshape(-1, poses, 6)[..., 3:] for each in (prediction, truth))
        return rotation_between(predicted, true).rad2deg().mean(dim=1)

    def in_words(self, numbers: list[float]) -> str:
        """Return every pose as a translation and an angle."""
        return "; ".join(
            pose_in_words(numbers[first : first + 6]) for first in range(0, len(numbers), 6)
        )


def pose_in_words(pose: list[float]) -> str:
    """Return a pose of six numbers as its translation in metres and its angle in degrees."""
    x, y, z = pose[:3]
    return f"moved ({x:.2f}, {y:.2f}, {z:.2f}) m, turned {degrees(hypot(*pose[3:])):.0f}°"
