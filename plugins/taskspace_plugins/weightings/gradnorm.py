"""Gradient normalisation (GradNorm)."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import pydantic
import torch
from torch import Tensor, nn

from taskspace.components import Weighting
from taskspace.components.gated import TaskLosses
from taskspace.components.loss_weights import LossWeights, TaskWeights, mean_over_present
from taskspace_plugins.weightings._adam import TaskAdam

LEAST_WEIGHT = 1e-3
"""The paper leaves open what becomes of a weight that a step takes below 0; here none does."""

LEAST_LOSS = 1e-8
"""A first loss of 0 would leave no ratio."""


class GradNorm(Weighting):
    """Weights are moved until all tasks learn at the same rate (Chen et al. 2018, Alg. 1).

    By Adam they follow the gradient of sum_i |G_i - mean(G) r_i^alpha| (eq. 2), where G_i is the
    norm of the gradient of w_i L_i by the shared parameters and r_i is how little the loss has
    fallen since the task's first batch, against the others; then they are scaled to their old sum,
    which is N. The paper takes the last layer that is shared; here it is what the trainer shares.
    """

    name: ClassVar[str] = "gradnorm"

    alpha: float = pydantic.Field(
        1.5, ge=0, le=10, description="How strongly tasks that learn slowly are pulled along."
    )
    learning_rate: float = pydantic.Field(0.025, gt=0, le=1, description="Of the weights, by Adam.")

    def build(self, tasks: int) -> LossWeights:
        """Return weights of 1, which are learnt."""
        return NormWeights(tasks, self.alpha, self.learning_rate)


class NormWeights(LossWeights):
    """The weights w [N], and each task's first loss [N], 0 where it has not been seen."""

    reads_gradients: ClassVar[bool] = True

    def __init__(self, tasks: int, alpha: float, learning_rate: float) -> None:
        super().__init__()
        self.alpha = alpha
        self.weights: Tensor = nn.Buffer(torch.ones(tasks))
        self.start: Tensor = nn.Buffer(torch.zeros(tasks))
        self.seen: Tensor = nn.Buffer(torch.zeros(tasks, dtype=torch.bool))
        self.adam = TaskAdam(tasks, learning_rate)

    @torch.no_grad()
    def forward(
        self,
        losses: TaskLosses,
        gramian: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> TaskWeights:
        """Return w, and move it for the next step."""
        assert gramian is not None, "reads_gradients says that it is given"
        here = losses.present
        value = torch.where(here, losses.value, 0.0).to(self.weights.dtype)
        self.start.copy_(torch.where(here & ~self.seen, value, self.start))
        self.seen |= here
        used = self.weights.clone()
        norms = gramian.diagonal().clamp(min=0).sqrt()
        found = balance(used, norms, value, self.start, here, self.alpha)
        self.adam.step(self.weights, found.gradient, here)
        moved = self.weights.clamp(min=LEAST_WEIGHT)
        scale = torch.where(here, used, 0.0).sum() / torch.where(here, moved, 0.0).sum()
        self.weights.copy_(torch.where(here, moved * scale, used))
        return mean_over_present(used, here)


class Balance(NamedTuple):
    """The norms that are wanted [N], and the gradient of the distance from them by w [N]."""

    targets: Tensor
    gradient: Tensor


def balance(
    weights: Tensor, norms: Tensor, value: Tensor, start: Tensor, present: Tensor, alpha: float
) -> Balance:
    """Return where GradNorm wants the norms of the weighed gradients, and the way there.

    Args:
        weights: w [N].
        norms: of the gradients of L, without w [N].
        value: L [N].
        start: L at each task's first batch [N].
        present: bool [N]; means are over these.
        alpha: the exponent of r.
    """
    count = present.sum().clamp(min=1)
    weighed = weights * norms
    progress = torch.where(present, value / start.clamp(min=LEAST_LOSS), 0.0)
    rate = progress / (progress.sum() / count).clamp(min=LEAST_LOSS)
    targets = torch.where(present, weighed, 0.0).sum() / count * rate**alpha
    return Balance(targets, torch.sign(weighed - targets) * norms)
