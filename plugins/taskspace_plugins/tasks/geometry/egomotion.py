"""Three views: how the camera moved between them."""

from typing import ClassVar

from taskspace_plugins.tasks.geometry._pose import POSE_SCALES, PoseTask


class Egomotion(PoseTask):
    """How the cameras of three views stand to each other: 2 in 1, 3 in 2 and 3 in 1.

    Taskonomy, Sec. 3 (ego-motion): three poses of six numbers in metres and radians, L2 over
    `POSE_SCALES`. The third pose follows from the others; the paper asks for all.
    """

    name: ClassVar[str] = "egomotion"
    requires: ClassVar[frozenset[str]] = frozenset({"egomotion_views", "egomotion"})
    inputs: ClassVar[frozenset[str]] = frozenset({"egomotion_views"})
    views: ClassVar[int] = 3
    label: ClassVar[str] = "egomotion"
    shown: ClassVar[str] = "egomotion_views"
    scales: ClassVar[tuple[float, ...]] = 3 * POSE_SCALES
