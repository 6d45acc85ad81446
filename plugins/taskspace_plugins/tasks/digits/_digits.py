"""Tasks whose class follows from which digit an image shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Field, Sample, VectorHead
from taskspace.components.exchanged.class_fields import class_field, class_names
from taskspace.errors import DataError
from taskspace_plugins.tasks._classification import ClassTask, class_ids

DIGITS = tuple("0123456789")


class DigitTask(ClassTask):
    """A class per digit: a subclass states the class of each of the ten digits."""

    requires: ClassVar[frozenset[str]] = frozenset({"image", "digit"})
    answers: ClassVar[tuple[int, ...]]
    """The class of the digits 0 to 9."""
    names: ClassVar[tuple[str, ...]]
    """What the classes are called."""

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the digit as a class."""
        return frozenset({"image", class_field(fields, "digit")})

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each class.

        Raises:
            DataError: if the field `digit` is missing or its classes are not "0" to "9".
        """
        found = class_names(fields, "digit")
        if found != DIGITS:
            raise DataError(
                f"The task needs a field 'digit' with the classes 0 to 9; found {found}.",
                where=f"task {self.name}",
                advice="Use the dataset `digits`, or the task `classification` for other labels.",
            )
        return VectorHead(len(self.names))

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B]; -1 where the digit is not known."""
        digit = class_ids(sample, "digit")
        answers = torch.tensor(self.answers, device=digit.device)[digit.clamp(min=0)]
        return torch.where(digit < 0, -1, answers)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return `names`."""
        return self.names
