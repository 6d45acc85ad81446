"""The room without its colours."""

from typing import ClassVar

from taskspace_plugins.tasks._labelled import DenseLabelTask


class Reshading(DenseLabelTask):
    """How bright each pixel would be if all were white and the one light were at the camera.

    Taskonomy, Sec. 3 (reshading): in [0, 1], L1.
    """

    name: ClassVar[str] = "reshading"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "reshading"})
    label: ClassVar[str] = "reshading"
