"""Tasks whose label is a field of the dataset, as it is, on a scale, or else derived."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import DenseHead, Example, Field, Sample, Task
from taskspace.errors import DataError
from taskspace_plugins.tasks._dense import PixelTask


class GivenOrDerived(Task):
    """A task whose label is the dataset's field of its own name, or derived where there is none."""

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return the image and the label where the dataset has it, else what it derives from."""
        return frozenset({"image", self.name}) if self.name in fields else self.requires

    @abstractmethod
    def derive(self, sample: Sample) -> Tensor:
        """Return the labels [B, ...] from what the task `requires`."""

    def target(self, sample: Sample) -> Tensor:
        """Return the dataset's labels where it has them, else derived ones: [B, ...]."""
        given = sample.get(self.name)
        return self.derive(sample) if given is None else given


class LabelledTask(Task):
    """A label that lies in the field `label`, and an input that lies in the field `shown`."""

    label: ClassVar[str]
    """The field of the label."""
    shown: ClassVar[str] = "image"
    """The field of the input; with several views [B, views, C, H, W]."""

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the image, or the views [B, views, C, H, W], and the target."""
        return Example(sample[self.shown], self.target(sample))

    def check_shown(self, fields: Mapping[str, Field]) -> None:
        """Check that the input is as many views as the task takes, each like the image.

        Raises:
            DataError: if the field `shown` is missing or has another shape.
        """
        if self.views > 1:
            number_field(fields, self.shown, (self.views, *fields["image"].shape), self.name)


class DenseLabelTask(LabelledTask, PixelTask):
    """A map of numbers per image, as large as the image: L1 over the pixels that have a label."""

    channels: ClassVar[int] = 1

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return the channels of the label.

        Raises:
            DataError: if the field is missing or is no such map.
        """
        return self.map_head(fields, self.label)

    def map_head(self, fields: Mapping[str, Field], name: str) -> DenseHead:
        """Return the head where the field `name` is a map of `channels` as large as the image.

        Raises:
            DataError: if it is not.
        """
        number_field(fields, name, (self.channels, *fields["image"].shape[1:]), self.name)
        return DenseHead(self.channels)

    def target(self, sample: Sample) -> Tensor:
        """Return the label as it is [B, channels, H, W]; NaN is missing."""
        return whole_or_missing(sample[self.label])


def number_field(fields: Mapping[str, Field], name: str, shape: tuple[int, ...], task: str) -> None:
    """Check that the field `name` holds numbers in this shape.

    Raises:
        DataError: if it is missing, holds classes, or has another shape.
    """
    field = checked_shape(fields, name, shape, task)
    if field.classes is not None:
        reason = f": {field.no_numbers}" if field.no_numbers else ""
        raise DataError(
            f"The field {name!r} holds classes, not numbers{reason}.",
            where=f"task {task}",
            advice="Store its labels as floating-point numbers, or leave the task out.",
        )


def checked_shape(
    fields: Mapping[str, Field], name: str, shape: tuple[int, ...], task: str
) -> Field:
    """Return the field `name`, which has this shape.

    Raises:
        DataError: if it is missing or has another shape.
    """
    field = fields.get(name)
    if field is None:
        raise DataError(
            f"The dataset has no field {name!r}.",
            where=f"task {task}",
            advice=f"It has {', '.join(map(repr, fields))}. Add these labels, or leave the task "
            "out.",
        )
    if field.shape != shape:
        raise DataError(
            f"The field {name!r} has the shape {field.shape}, where the task needs {shape}.",
            where=f"task {task}",
            advice="Bring its labels into this shape, or leave the task out.",
        )
    return field


def whole_or_missing(values: Tensor) -> Tensor:
    """Return [B, C, ...] with NaN in all channels wherever one of them is NaN."""
    return values.masked_fill(values.isnan().any(dim=1, keepdim=True), torch.nan)


def grey_where_missing(picture: Tensor, values: Tensor) -> Tensor:
    """Return pictures [B, 3, H, W] in [0, 1], grey where `values` [B, C, H, W] are NaN."""
    missing = values.isnan().any(dim=1, keepdim=True)
    return picture.clamp(0, 1).masked_fill(missing, 0.5)
