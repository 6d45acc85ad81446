"""Random loss weighting (RLW)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights


class Rlw(Weighting):
    """Random loss weighting: at each step a softmax of normal numbers (Lin et al. 2022).

    The softmax is over the tasks that the batch has. All N numbers are drawn in any case, so that
    what is drawn at a step does not depend on the batches before.
    """

    name: ClassVar[str] = "rlw"

    def build(self, tasks: int) -> LossWeights:
        """Return weights that are drawn anew for each batch."""
        return RandomWeights()


class RandomWeights(LossWeights):
    """Nothing is remembered; the generator is the trainer's."""

    @torch.no_grad()
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return weights whose sum is 1."""
        place = losses.value.device if generator is None else generator.device
        drawn = torch.randn(losses.value.shape, generator=generator, device=place)
        drawn = drawn.to(losses.value).masked_fill(~losses.present, -torch.inf)
        weights = torch.softmax(drawn, dim=0).nan_to_num(0.0)  # of a batch without tasks
        return TaskWeights(weights, weights)
