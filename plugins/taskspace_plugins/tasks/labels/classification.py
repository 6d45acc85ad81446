"""Any labels that are classes."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Field, Sample, VectorHead
from taskspace.components.exchanged.class_fields import class_field, class_names
from taskspace.errors import DataError
from taskspace_plugins.tasks._classification import ClassTask, class_head, class_ids


class Classification(ClassTask):
    """The class that a field of the dataset holds: a subfolder's name, a column of labels.csv.

    A field of whole numbers will do: each of them is a class.
    """

    name: ClassVar[str] = "classification"

    field: str = pydantic.Field(
        "class", min_length=1, description="The field of the dataset that holds the classes."
    )

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the field of the class ids."""
        return frozenset({"image", class_field(fields, self.field)})

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each class of the field.

        Raises:
            DataError: if the dataset has no such field, or it holds no classes, or only one, or
                classes of pixels.
        """
        head = class_head(fields, self.field, self.name)
        if fields[self.field].shape:
            raise DataError(
                f"The field {self.field!r} holds a class for each pixel, not one for the image.",
                where=f"task {self.name}",
                advice="Use the task `dense_classification` for it.",
            )
        return head

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B]; -1 is missing."""
        return class_ids(sample, self.field)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return those of the field."""
        return class_names(fields, self.field) or ()
