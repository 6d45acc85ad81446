"""Dynamic weight average (DWA)."""

from __future__ import annotations

from typing import ClassVar

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights, mean_over_present

LEAST_LOSS = 1e-8
"""A mean loss of 0 would leave no ratio."""


class Dwa(Weighting):
    """Dynamic weight average: tasks whose loss falls slowly count more (Liu et al. 2019, eq. 7).

    The weight of task k in an epoch is N exp(w_k / T) / sum_i exp(w_i / T), where w_k is the ratio
    of its mean losses in the last epoch and the one before; 1 until a task has two of them.
    """

    name: ClassVar[str] = "dwa"

    temperature: float = pydantic.Field(
        2.0, gt=0, le=1000, description="T: the larger, the more alike all tasks count."
    )

    def build(self, tasks: int) -> LossWeights:
        """Return weights of 1, which change after the second epoch."""
        return LossHistory(tasks, self.temperature)


class LossHistory(LossWeights):
    """The mean losses of two epochs, and of the one that goes on."""

    def __init__(self, tasks: int, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.total: Tensor = nn.Buffer(torch.zeros(tasks))
        self.batches: Tensor = nn.Buffer(torch.zeros(tasks, dtype=torch.int64))
        self.last: Tensor = nn.Buffer(torch.ones(tasks))
        self.before: Tensor = nn.Buffer(torch.ones(tasks))
        self.epochs: Tensor = nn.Buffer(torch.zeros(tasks, dtype=torch.int64))

    @torch.no_grad()
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return the weights of this epoch, and take in the losses."""
        self.total += torch.where(losses.present, losses.value, 0.0)
        self.batches += losses.present
        fallen = self.last / self.before.clamp(min=LEAST_LOSS)
        ratio = torch.where(self.epochs >= 2, fallen, 1.0)
        weights = len(ratio) * torch.softmax(ratio / self.temperature, dim=0)
        return mean_over_present(weights, losses.present)

    @torch.no_grad()
    def end_epoch(self) -> None:
        """Make the mean losses of this epoch the last ones; a task without any keeps its own."""
        here = self.batches > 0
        self.before.copy_(torch.where(here, self.last, self.before))
        self.last.copy_(torch.where(here, self.total / self.batches.clamp(min=1), self.last))
        self.epochs += here
        self.total.zero_()
        self.batches.zero_()
