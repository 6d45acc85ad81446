"""Any labels that are numbers."""

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Field, Loss, Sample, Task, VectorHead
from taskspace.components.losses import l1, l2
from taskspace.errors import DataError


class Regression(Task):
    """The number, or the vector of numbers, that a field of the dataset holds."""

    name: ClassVar[str] = "regression"
    metric: ClassVar[str] = "absolute_error"

    field: str = pydantic.Field(
        min_length=1,
        description="The field of the dataset that holds the numbers.",
        examples=["number"],
    )
    offset: float = pydantic.Field(
        0.0, description="What the numbers are counted from; their usual mean is a good choice."
    )
    scale: float = pydantic.Field(
        1.0,
        gt=0,
        description="What the numbers are divided by for training; their usual deviation from "
        "`offset` is a good choice.",
    )

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the field."""
        return frozenset({"image", self.field})

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return as many numbers as the field holds.

        Raises:
            DataError: if the dataset has no such field, or it holds classes or maps.
        """
        field = fields.get(self.field)
        if field is not None and field.classes is None and len(field.shape) <= 1:
            return VectorHead(field.shape[0] if field.shape else 1)
        if field is None:
            what = f"The dataset has no field {self.field!r}."
        elif field.classes is not None:
            what = f"The field {self.field!r} holds classes: use the task `classification`."
        else:
            what = f"The field {self.field!r} holds arrays of shape {field.shape}."
        usable = [
            repr(name)
            for name, each in fields.items()
            if each.classes is None and len(each.shape) <= 1
        ]
        offer = f"Fields with numbers: {', '.join(usable)}." if usable else "No field has numbers."
        raise DataError(what, where=f"task {self.name}", advice=offer)

    def target(self, sample: Sample) -> Tensor:
        """Return the scaled numbers [B, size]; NaN is missing."""
        numbers = sample[self.field]
        return (numbers.reshape(len(numbers), -1) - self.offset) / self.scale

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] of the scaled numbers."""
        return l2(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] in the units of the field."""
        return l1(prediction * self.scale, target * self.scale)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the numbers in the units of the field."""
        return super().words(values * self.scale + self.offset, fields)
