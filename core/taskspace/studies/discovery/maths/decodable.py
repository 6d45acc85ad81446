"""Annotated labels that stay decodable while tasks are searched for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

MISSING = -1


class DecodableLabels(nn.Module):
    """Linear heads on the task model's points, one for each annotation (regulated discovery).

    An extra loss of a search: what the heads cannot tell from the points costs. They start at 0,
    so nothing is drawn.

    Args:
        labels: class ids [N, A] of the search's images, -1 where missing.
        classes: of each annotation, A numbers.
        dimensions: of the points, D.
        coefficient: of the loss.
    """

    labels: Tensor

    def __init__(
        self, labels: Tensor, classes: Sequence[int], dimensions: int, coefficient: float = 1.0
    ) -> None:
        super().__init__()
        self.register_buffer("labels", labels, persistent=False)
        self._classes = list(classes)
        self._coefficient = coefficient
        self.weights = nn.Parameter(torch.zeros(sum(classes), dimensions))
        self.biases = nn.Parameter(torch.zeros(sum(classes)))

    def forward(self, points: Tensor, rows: Tensor) -> Tensor:
        """Return the mean cross-entropy of all heads for points [B, D] of rows [B]."""
        logits = torch.split(points @ self.weights.T + self.biases, self._classes, dim=1)
        losses = []
        for own, labels in zip(logits, self.labels[rows].T, strict=True):
            total = nn.functional.cross_entropy(own, labels, ignore_index=MISSING, reduction="sum")
            losses.append(total / (labels != MISSING).sum().clamp(min=1))
        return self._coefficient * torch.stack(losses).mean()
