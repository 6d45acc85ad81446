"""What tasks share that are told a field of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Field, Loss, Task
from taskspace.components.losses import l1
from taskspace.errors import DataError

ROUNDING = 2.0**-23
"""Of a number: how far the next 32-bit one is."""


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
        """Return numbers of the field as networks learn them: float32, rounded last."""
        return ((numbers - self.offset) / self.scale).float()

    def check_resolution(self, field: Field) -> None:
        """Check that 32 bits keep the differences between numbers once they are scaled.

        Raises:
            DataError: if they do not, with an offset that does.
        """
        span = field.span
        if span is None:
            return
        farthest = max(abs(span.lowest - self.offset), abs(span.highest - self.offset))
        if span.offset is not None and farthest * ROUNDING < span.resolution:
            return
        numbers = f"{span.different:,} different numbers between {_plain(span.lowest)} and "
        raise DataError(
            f"The field {self.field!r} has {numbers}{_plain(span.highest)}, and 32-bit numbers "
            f"tell {span.merged:,} of them apart.",
            where=f"task {self.name}",
            advice="Subtract a whole number from the labels themselves: 64 bits merge some, too."
            if span.offset is None
            else f"Set `offset: {_plain(span.offset)}` and `scale: {_plain(span.scale)}`: the "
            "offset is subtracted before numbers are rounded.",
        )

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean absolute error [B] in the units of the field."""
        return l1(prediction * self.scale, target * self.scale)


def _plain(number: float) -> str:
    """Return a number as a job writes it, whole ones without a point."""
    return str(int(number)) if number == int(number) else repr(number)
