"""Any masks of classes."""

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace_plugins.tasks.labels._class_map import ClassMapTask, class_map_head


class DenseClassification(ClassMapTask):
    """The class of each pixel that a field of the dataset holds: a folder of masks.

    Cross-entropy, the mean over an image's labelled pixels; the metric is their accuracy.
    """

    name: ClassVar[str] = "dense_classification"

    field: str = pydantic.Field(
        min_length=1,
        description="The field of the dataset that holds the masks.",
        examples=["semantic"],
    )

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the field."""
        return frozenset({"image", self.field})

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one logit a pixel for each class of the field.

        Raises:
            DataError: if the field is missing, is no class per pixel, or has a single class.
        """
        return class_map_head(fields, self.field, self.name)

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B, H, W]; -1 is missing."""
        return sample[self.field]
