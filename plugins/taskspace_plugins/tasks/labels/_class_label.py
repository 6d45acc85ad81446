"""Tasks whose label is a field of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from torch import Tensor

from taskspace.components import Field, Sample, VectorHead
from taskspace.components.exchanged.class_fields import class_field, class_names
from taskspace_plugins.tasks._classification import ClassTask, class_head, class_ids
from taskspace_plugins.tasks._labelled import LabelledTask, checked_shape


class ClassLabelTask(LabelledTask, ClassTask):
    """A class per sample, from the field `label`."""

    metric: ClassVar[str] = "accuracy"

    def needs(self, fields: Mapping[str, Field]) -> frozenset[str]:
        """Return what the task requires, the label as class ids."""
        return self.requires - {self.label} | {class_field(fields, self.label)}

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one logit for each class of the field.

        Raises:
            DataError: if the field is missing, or is no class per sample, or has a single class.
        """
        self.check_shown(fields)
        head = class_head(fields, self.label, self.name)
        checked_shape(fields, class_field(fields, self.label), (), self.name)
        return head

    def target(self, sample: Sample) -> Tensor:
        """Return the class ids [B]; -1 is missing."""
        return class_ids(sample, self.label)

    def class_names(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return those of the field."""
        return class_names(fields, self.label) or ()
