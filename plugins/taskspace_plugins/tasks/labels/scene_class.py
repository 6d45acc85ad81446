"""The kind of room."""

from typing import ClassVar

from taskspace_plugins.tasks.labels._class_label import ClassLabelTask


class SceneClass(ClassLabelTask):
    """The kind of room that the image shows: cross-entropy (Taskonomy, Sec. 3)."""

    name: ClassVar[str] = "scene_class"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "scene_class"})
    label: ClassVar[str] = "scene_class"
