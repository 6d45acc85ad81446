"""Two views of one room: how the camera moved."""

from typing import ClassVar

from taskspace_plugins.tasks.geometry._pose import POSE_SCALES, PoseTask


class PoseNonfixated(PoseTask):
    """How the second camera stands to the first where they look at different points of one room.

    Taskonomy, Sec. 3 (camera pose, non-fixated): six numbers in metres and radians, L2 over
    `POSE_SCALES`.
    """

    name: ClassVar[str] = "pose_nonfixated"
    requires: ClassVar[frozenset[str]] = frozenset({"nonfixated_views", "pose_nonfixated"})
    inputs: ClassVar[frozenset[str]] = frozenset({"nonfixated_views"})
    views: ClassVar[int] = 2
    label: ClassVar[str] = "pose_nonfixated"
    shown: ClassVar[str] = "nonfixated_views"
    scales: ClassVar[tuple[float, ...]] = POSE_SCALES
