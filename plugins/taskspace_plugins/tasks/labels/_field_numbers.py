"""What tasks share that are told a field of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Field, Loss, Task
from taskspace.components.losses import l1


class FieldNumbersTask(Task):
    """Numbers that a field of the dataset holds, counted from `offset` in units of `scale`."""

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

    def scaled(self, numbers: Tensor) -> Tensor:
        """Return numbers of the field as networks learn them."""
        return (numbers - self.offset) / self.scale

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] in the units of the field."""
        return l1(prediction * self.scale, target * self.scale)
