"""Class ids that belong to no field: what networks learn of a discovered task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pydantic
from torch import Tensor

from taskspace.components import Field, Loss, Task, VectorHead
from taskspace.components.losses import accuracy, cross_entropy


class ClassIds(Task):
    """A class for each image: cross-entropy as the loss, accuracy for people."""

    name: ClassVar[str] = "class_ids"
    metric: ClassVar[str] = "accuracy"

    classes: int = pydantic.Field(2, ge=2, description="How many classes there are.")

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return a logit for each class."""
        return VectorHead(self.classes)

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the cross-entropy [B] of logits [B, K] for class ids [B]; -1 is missing."""
        return cross_entropy(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return 1 where the most likely class is right, else 0: [B]."""
        return accuracy(prediction, target)

    def decode(self, prediction: Tensor) -> Tensor:
        """Return the most likely class of each image [B]."""
        return prediction.argmax(dim=1)
