"""Tasks whose label is a vector of numbers with units."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from math import isnan
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Field, Loss, Sample, VectorHead
from taskspace.components.losses import l2
from taskspace_plugins.tasks._labelled import LabelledTask, number_field, whole_or_missing


class VectorLabelTask(LabelledTask):
    """Numbers per sample: mean squared error, each number in units of its entry in `scales`.

    The scales are constants of the task, in the field's units: they bring metres and radians to
    the order of one, and no number depends on the data at hand. A label with a NaN is missing.
    """

    scales: ClassVar[tuple[float, ...]]

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return a number for each of the field's.

        Raises:
            DataError: if the field, or that of the views, is missing or has another shape.
        """
        self.check_shown(fields)
        number_field(fields, self.label, (len(self.scales),), self.name)
        return VectorHead(len(self.scales))

    def target(self, sample: Sample) -> Tensor:
        """Return the label over its scales [B, size]; NaN is missing."""
        label = sample[self.label]
        return whole_or_missing(label / label.new_tensor(self.scales))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the mean squared error [B] of the scaled numbers."""
        return l2(prediction, target)

    def measure(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return `error` of prediction and target in the field's units: [B]."""
        valid = ~target.isnan().any(dim=1)
        scales = target.new_tensor(self.scales)
        error = self.error(prediction * scales, target.nan_to_num(0) * scales)
        return Loss(torch.where(valid, error, 0.0), valid)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return the numbers in the field's units."""
        rows = (values * values.new_tensor(self.scales)).tolist()
        return ["missing" if any(map(isnan, row)) else self.in_words(row) for row in rows]

    @abstractmethod
    def error(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """Return how wrong predictions [B, size] in the field's units are: [B]."""

    @abstractmethod
    def in_words(self, numbers: list[float]) -> str:
        """Return one label in the field's units, for people."""
