"""What each pixel belongs to."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace_plugins.tasks.labels._class_map import ClassMapTask, class_map_head


class Semantic(ClassMapTask):
    """The class of what each pixel shows (Taskonomy, Sec. 3: semantic segmentation).

    Cross-entropy, the mean over an image's labelled pixels; the metric is their accuracy.
    """

    name: ClassVar[str] = "semantic"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "semantic"})

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one logit a pixel for each class of the field `semantic`.

        Raises:
            DataError: if the field is missing, is no class per pixel, or has a single class.
        """
        return class_map_head(fields, "semantic", self.name)

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B, H, W]; -1 is missing."""
        return sample["semantic"]
