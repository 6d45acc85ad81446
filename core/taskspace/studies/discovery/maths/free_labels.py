"""Tasks as free numbers: a logit for each image, task and class, that no network ties together."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FreeLabels(nn.Module):
    """A logit for each image of the search, each task and each class (Atanov et al. 2022).

    Nothing keeps the tasks apart or balanced but `label_entropy`.

    Args:
        count: images of the search.
        tasks: T.
        classes: K, of each task.
        generator: of the logits at the start, normal with unit variance.
    """

    def __init__(self, count: int, tasks: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self._shape = (tasks, classes)
        self.table = nn.Parameter(torch.randn(count, tasks * classes, generator=generator))

    def forward(self, inputs: Tensor, rows: Tensor) -> Tensor:
        """Return the logits of these rows [B] as points [B, T K]; inputs do not matter."""
        return self.table[rows]

    def logits(self, points: Tensor) -> Tensor:
        """Return the logits of every task, [B, T, K]."""
        return points.reshape(len(points), *self._shape)
