"""How far ahead things are."""

from typing import ClassVar

from taskspace_plugins.tasks.geometry._depth import DepthTask


class DepthZ(DepthTask):
    """The distance along the viewing direction to what each pixel shows, in log metres.

    Taskonomy, Sec. 3 (depth, z-buffer).
    """

    name: ClassVar[str] = "depth_z"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "depth_z"})
    label: ClassVar[str] = "depth_z"
