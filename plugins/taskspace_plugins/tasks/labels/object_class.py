"""The main object."""

from typing import ClassVar

from taskspace_plugins.tasks.labels._class_label import ClassLabelTask


class ObjectClass(ClassLabelTask):
    """The class of the main object in the image: cross-entropy (Taskonomy, Sec. 3)."""

    name: ClassVar[str] = "object_class"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "object_class"})
    label: ClassVar[str] = "object_class"
