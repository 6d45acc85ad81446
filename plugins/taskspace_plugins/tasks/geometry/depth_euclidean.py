"""How far away things are."""

from typing import ClassVar

from taskspace_plugins.tasks.geometry._depth import DepthTask


class DepthEuclidean(DepthTask):
    """The distance from the camera's centre to what each pixel shows, in log metres.

    Taskonomy, Sec. 3 (depth, Euclidean).
    """

    name: ClassVar[str] = "depth_euclidean"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "depth_euclidean"})
    label: ClassVar[str] = "depth_euclidean"
