"""What tasks share whose label a dataset may have, and that derive it otherwise."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from torch import Tensor

from taskspace.components import Field, Sample, Task


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
