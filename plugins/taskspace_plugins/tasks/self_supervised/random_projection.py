"""A network that is not trained."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Field, Loss, Sample, Task, VectorHead
from taskspace.components.losses import l2


class RandomProjection(Task):
    """An encoder with random weights, as a source: what the architecture gives by itself.

    Taskonomy, Sec. 3. It predicts nothing. So that it has a loss like any task, its target is 0,
    which says nothing of the image.
    """

    name: ClassVar[str] = "random_projection"
    source_only: ClassVar[bool] = True
    trained: ClassVar[bool] = False
    metric: ClassVar[str] = "l2"

    def head(self, fields: Mapping[str, Field]) -> VectorHead:
        """Return one number."""
        return VectorHead(1)

    def target(self, sample: Sample) -> Tensor:
        """Return zeros [B, 1]."""
        return torch.zeros_like(sample["image"][:, :1, 0, 0])

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the squared prediction [B]."""
        return l2(prediction, target)

    def words(self, values: Tensor, fields: Mapping[str, Field]) -> list[str]:
        """Return that there is nothing to say."""
        return ["nothing"] * len(values)
