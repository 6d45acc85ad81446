"""What tasks share that predict a class per pixel."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from taskspace.components import DenseHead, Field
from taskspace_plugins.tasks._classification import ClassTask, class_head
from taskspace_plugins.tasks._labelled import checked_shape
from taskspace_plugins.tasks.labels._colours import class_colours


class ClassMapTask(ClassTask):
    """A class per pixel: cross-entropy and accuracy, means over an image's labelled pixels."""

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return a colour for each class, the same in every image; grey where missing."""
        return class_colours(values)


def class_map_head(fields: Mapping[str, Field], name: str, task: str) -> DenseHead:
    """Return one logit a pixel for each class of the field `name`.

    Raises:
        DataError: if it is missing, is no class per pixel, or has a single class.
    """
    classes = class_head(fields, name, task).size
    checked_shape(fields, name, fields["image"].shape[1:], task)
    return DenseHead(classes)
