"""Uncertainty weighting."""

from __future__ import annotations

from typing import ClassVar

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights, mean_over_present
from taskspace_plugins.weightings._adam import TaskAdam


class Uncertainty(Weighting):
    """A task counts by how certain the network is of it (Kendall et al. 2018, Sec. 3.2).

    The sum over tasks of L / sigma^2 + log sigma (eq. 10) is minimised over s = log sigma^2 too, by
    Adam; sigma is 1 at the start. The form for regression, L / (2 sigma^2) + log sigma (eq. 7), is
    the same with sigma^2 = 1/2 at the start.
    """

    name: ClassVar[str] = "uncertainty"

    learning_rate: float = pydantic.Field(
        1e-3, gt=0, le=1, description="Of the logarithms of the variances, by Adam."
    )

    def build(self, tasks: int) -> LossWeights:
        """Return weights of 1, which are learnt."""
        return LogVariances(tasks, self.learning_rate)


class LogVariances(LossWeights):
    """s = log sigma^2 of each task [N]; the weight is exp(-s)."""

    def __init__(self, tasks: int, learning_rate: float) -> None:
        super().__init__()
        self.log_variance: Tensor = nn.Buffer(torch.zeros(tasks))
        self.adam = TaskAdam(tasks, learning_rate)

    @torch.no_grad()
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return exp(-s), and move s against the gradient of exp(-s) L + s / 2."""
        value = torch.where(losses.present, losses.value, 0.0).to(self.log_variance.dtype)
        precision = (-self.log_variance).exp()
        self.adam.step(self.log_variance, gradient_by_s(precision, value), losses.present)
        return mean_over_present(precision, losses.present)


def gradient_by_s(precision: Tensor, value: Tensor) -> Tensor:
    """Return the derivative of exp(-s) L + s / 2 by s [N].

    Args:
        precision: exp(-s) [N].
        value: L [N].
    """
    return 0.5 - precision * value
