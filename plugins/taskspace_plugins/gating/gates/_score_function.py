"""The score-function gradient of Bernoulli gates, and baselines that make it less noisy.

grad E[L] = E[grad L + (L - c) sum_i grad log p_i(b_i)] (Yan 2020, eq. 3.3, where c = 0). It holds
for every c that does not depend on the sample's own gates; the mean of a batch that includes the
sample itself does.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def log_likelihood(gates: Tensor, logits: Tensor) -> Tensor:
    """Return sum_i log p_i(b_i) [P]; its gradient by a logit is b - p.

    Args:
        gates: b, bool [P, M].
        logits: of p [P, M].
    """
    return torch.where(gates, functional.logsigmoid(logits), functional.logsigmoid(-logits)).sum(1)


def surrogate(values: Tensor, baseline: Tensor, likelihood: Tensor, weights: Tensor) -> Tensor:
    """Return a number [] whose gradient is the second part of the score-function gradient.

    Args:
        values: L, the loss of each pair [P].
        baseline: c [P].
        likelihood: `log_likelihood` [P].
        weights: the share of each pair in the batch's loss [P].
    """
    return ((weights * (values - baseline)).detach() * likelihood).sum()


def leave_one_out(values: Tensor, counted: Tensor, task: Tensor, count: int) -> Tensor:
    """Return the mean loss of the other pairs of the same task [P]; 0 where there are none.

    Args:
        values: the loss of each pair [P].
        counted: bool [P], whether it has one.
        task: of each pair [P].
        count: of tasks.
    """
    kept = torch.where(counted, values, 0.0)
    total = kept.new_zeros(count).index_add(0, task, kept)[task]
    others = kept.new_zeros(count).index_add(0, task, counted.to(kept.dtype))[task]
    others = others - counted.to(kept.dtype)
    return (total - kept) / others.clamp(min=1) * (others > 0)


class MovingAverage(nn.Module):
    """The mean loss of each task over past batches, newer ones counting more.

    Args:
        count: of tasks.
        decay: the share that the past keeps at each batch.
    """

    def __init__(self, count: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.mean: Tensor = nn.Buffer(torch.zeros(count))
        self.seen: Tensor = nn.Buffer(torch.zeros(count, dtype=torch.bool))

    def forward(self, task: Tensor) -> Tensor:
        """Return the average of each pair's task [P]; 0 for a task that was never seen."""
        return self.mean[task]

    @torch.no_grad()
    def learn(self, values: Tensor, counted: Tensor, task: Tensor) -> None:
        """Take in a batch: the losses [P], whether they count [P], and their tasks [P]."""
        values = values.to(self.mean.dtype)
        total = torch.zeros_like(self.mean).index_add(0, task, torch.where(counted, values, 0.0))
        number = torch.zeros_like(self.mean).index_add(0, task, counted.to(self.mean.dtype))
        here = number > 0
        latest = total / number.clamp(min=1)
        kept = torch.where(self.seen, torch.lerp(latest, self.mean, self.decay), latest)
        # `where` and `copy_`: the device is not asked which tasks there are.
        self.mean.copy_(torch.where(here, kept, self.mean))
        self.seen |= here
