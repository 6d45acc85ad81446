"""What all classification tasks share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from torch import Tensor

from taskspace.components import Field, Loss, Sample, Task
from taskspace.components.exchanged.class_fields import (
    class_ids_name,
    class_names,
    fields_of_classes,
)
from taskspace.components.losses import accuracy, cross_entropy
from taskspace.components.task import VectorHead
from taskspace.errors import DataError


class ClassTask(Task):
    """A class per image: cross-entropy as the loss, accuracy for people."""

    metric: ClassVar[str] = "accuracy"

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the cross-entropy [B] of logits [B, K] for class ids [B]; -1 is missing."""
        return cross_entropy(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return 1 where the most likely class is right, else 0: [B]."""
        return accuracy(prediction, target)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return the most likely class of each image [B]."""
        return prediction.argmax(dim=1)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return what the classes are called; empty where they have only numbers."""
        return ()

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the class of each image by its name, or else by its number."""
        if values.ndim > 1:
            return super().words(values, fields)
        names = self.class_names(fields)
        return [
            "missing" if number < 0 else names[number] if names else f"class {number}"
            for number in values.tolist()
        ]


def class_ids(sample: Sample, name: str) -> Tensor:
    """Return the class ids [B] of the field `name`, or of its whole numbers; -1 is missing."""
    values = sample.get(name)
    of_numbers = values is None or values.is_floating_point()
    return sample[class_ids_name(name)] if of_numbers else sample[name]


def class_head(fields: Mapping[str, Field], name: str, task: str) -> VectorHead:
    """Return one logit for each class of the field `name`, or of its whole numbers.

    Raises:
        DataError: if the dataset has no such field, or it holds no classes, or only one.
    """
    field = fields.get(name)
    classes = class_names(fields, name)
    if classes and len(classes) > 1:
        return VectorHead(len(classes))
    usable = list(map(repr, fields_of_classes(fields)))
    offer = f"Fields with classes: {', '.join(usable)}." if usable else "No field has classes."
    where = f"task {task}"
    if field is None:
        raise DataError(f"The dataset has no field {name!r}.", where=where, advice=offer)
    if classes is None:
        reason = f": {field.no_classes}" if field.no_classes else ""
        raise DataError(
            f"The field {name!r} holds numbers, not classes{reason}.",
            where=where,
            advice="Use the task `regression` for it, except in a `recommend` job, whose tasks are "
            f"of classes. {offer}",
        )
    raise DataError(
        f"The field {name!r} has {len(classes)} class, {', '.join(map(repr, classes))}, "
        "so there is nothing to tell apart.",
        where=where,
        advice="Add images of a second class, or leave the task out.",
    )
