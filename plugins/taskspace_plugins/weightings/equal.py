"""Equal weights."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights, mean_over_present


class Equal(Weighting):
    """All tasks count alike: the loss of a batch is the mean over the tasks that it has."""

    name: ClassVar[str] = "equal"

    def build(self, tasks: int) -> LossWeights:
        """Return weights of 1."""
        return EqualWeights()


class EqualWeights(LossWeights):
    """1 for every task."""

    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return 1 over the number of tasks in the batch."""
        return mean_over_present(torch.ones_like(losses.value), losses.present)
