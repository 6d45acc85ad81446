"""Whether two pictures show the same point."""

from typing import ClassVar

from taskspace_plugins.tasks.labels._class_label import ClassLabelTask


class PointMatching(ClassLabelTask):
    """Whether the centres of two views show the same point of the room.

    Taskonomy, Sec. 3 (point matching): cross-entropy over the classes of the field `same_point`.
    """

    name: ClassVar[str] = "point_matching"
    requires: ClassVar[frozenset[str]] = frozenset({"point_views", "same_point"})
    inputs: ClassVar[frozenset[str]] = frozenset({"point_views"})
    views: ClassVar[int] = 2
    plain_input: ClassVar[bool] = False
    label: ClassVar[str] = "same_point"
    shown: ClassVar[str] = "point_views"
