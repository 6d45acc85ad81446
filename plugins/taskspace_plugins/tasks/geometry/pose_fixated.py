"""Two views of one point: how the camera moved."""

from typing import ClassVar

from taskspace_plugins.tasks.geometry._pose import POSE_SCALES, PoseTask


class PoseFixated(PoseTask):
    """How the second camera stands to the first where both look at the same point.

    Taskonomy, Sec. 3 (camera pose, fixated): six numbers in metres and radians, L2 over
    `POSE_SCALES`.
    """

    name: ClassVar[str] = "pose_fixated"
    requires: ClassVar[frozenset[str]] = frozenset({"fixated_views", "pose_fixated"})
    inputs: ClassVar[frozenset[str]] = frozenset({"fixated_views"})
    views: ClassVar[int] = 2
    label: ClassVar[str] = "pose_fixated"
    shown: ClassVar[str] = "fixated_views"
    scales: ClassVar[tuple[float, ...]] = POSE_SCALES
