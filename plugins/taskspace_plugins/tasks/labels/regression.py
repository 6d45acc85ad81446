"""Any labels that are numbers."""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from taskspace.components import Field, Loss, Sample, VectorHead
from taskspace.components.losses import l2
from taskspace.errors import DataError
from taskspace_plugins.tasks.labels._field_numbers import FieldNumbersTask


class Regression(FieldNumbersTask):
    """The number, or the vector of numbers, that a field of the dataset holds."""

    name: ClassVar[str] = "regression"

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return as many numbers as the field holds.

        Raises:
            DataError: if the dataset has no such field, or it holds classes or maps, or 32 bits
                would merge its numbers.
        """
        field = fields.get(self.field)
        if field is not None and field.classes is None and len(field.shape) <= 1:
            self.check_resolution(field)
            return VectorHead(field.shape[0] if field.shape else 1)
        if field is None:
            what = f"The dataset has no field {self.field!r}."
        elif field.classes is not None:
            reason = f": {field.no_numbers}; or" if field.no_numbers else ";"
            what = f"The field {self.field!r} holds classes{reason} use the task `classification`."
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
        return self.scaled(numbers.reshape(len(numbers), -1))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] of the scaled numbers."""
        return l2(prediction, target)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the numbers in the units of the field."""
        return super().words(values * self.scale + self.offset, fields)
