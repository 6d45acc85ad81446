"""Any maps of numbers."""

from collections.abc import Mapping
from typing import ClassVar

import pydantic
import torch
from torch import Tensor

from taskspace.components import DenseHead, Field, Sample
from taskspace.errors import DataError
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks._labelled import grey_where_missing
from taskspace_plugins.tasks.labels._field_numbers import FieldNumbersTask


class DenseRegression(FieldNumbersTask, PixelTask):
    """The number, or the few numbers, at each pixel that a field of the dataset holds.

    Mean absolute error over an image's labelled pixels.
    """

    name: ClassVar[str] = "dense_regression"

    field: str = pydantic.Field(
        min_length=1,
        description="The field of the dataset that holds the maps.",
        examples=["depth_z"],
    )

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return as many channels as the field has.

        Raises:
            DataError: if the dataset has no such field, or it is no map of numbers as large as the
                image.
        """
        size = fields["image"].shape[1:]
        field = fields.get(self.field)
        if field is not None and field.classes is None and field.shape[1:] == size:
            return DenseHead(field.shape[0])
        if field is None:
            what = f"The dataset has no field {self.field!r}."
        elif field.classes is not None:
            what = f"The field {self.field!r} holds classes: use the task `dense_classification`."
        else:
            what = (
                f"The field {self.field!r} has the shape {field.shape}, which is no map of "
                f"{size[0]}x{size[1]} pixels."
            )
        usable = [
            repr(name)
            for name, each in fields.items()
            if each.classes is None and len(each.shape) == 3 and each.shape[1:] == size
        ]
        offer = f"Fields with maps: {', '.join(usable)}."
        raise DataError(what, where=f"task {self.name}", advice=offer)

    def target(self, sample: Sample) -> Tensor:
        """Return the scaled numbers [B, C, H, W]; NaN is missing."""
        return self.scaled(sample[self.field])

    def picture(self, values: Tensor, input: Tensor) -> Tensor | None:
        """Return one or three channels from dark to bright; grey where missing.

        A number x is shown as 1 / (1 + exp(-x)): whatever the range, larger is brighter, and
        targets and predictions are on one scale.
        """
        if values.shape[1] not in (1, 3):
            return None
        return grey_where_missing(torch.sigmoid(values).expand(-1, 3, -1, -1), values)
