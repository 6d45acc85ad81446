"""Adam for one number a task, which leaves the tasks alone that a batch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

DECAYS = (0.9, 0.999)
EPSILON = 1e-8


class TaskAdam(nn.Module):
    """Adam (Kingma & Ba 2015, Alg. 1) on [N], where every task has moments and steps of its own.

    torch's Adam moves every entry of a tensor at every step, by its momentum.

    Args:
        tasks: N.
        learning_rate: of all.
    """

    def __init__(self, tasks: int, learning_rate: float) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.first: Tensor = nn.Buffer(torch.zeros(tasks))
        self.second: Tensor = nn.Buffer(torch.zeros(tasks))
        self.steps: Tensor = nn.Buffer(torch.zeros(tasks, dtype=torch.int64))

    @torch.no_grad()
    def step(self, values: Tensor, gradient: Tensor, present: Tensor) -> None:
        """Move the values [N] of the tasks that are present [N] against their gradient [N]."""
        first, second = (
            torch.lerp(power, moment, decay)
            for power, moment, decay in zip(
                (gradient, gradient.square()), (self.first, self.second), DECAYS, strict=True
            )
        )
        self.first.copy_(torch.where(present, first, self.first))
        self.second.copy_(torch.where(present, second, self.second))
        self.steps += present
        count = self.steps.clamp(min=1)
        mean = self.first / (1 - DECAYS[0] ** count)
        scale = (self.second / (1 - DECAYS[1] ** count)).sqrt() + EPSILON
        moved = values - self.learning_rate * mean / scale
        values.copy_(torch.where(present, moved, values))
