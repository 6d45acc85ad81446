"""Linear heads that keep known tasks readable from the sphere while others are looked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from taskspace.components.losses import cross_entropy


class KeptHeads(nn.Module):
    """The weighted cross-entropy of linear heads on points of the sphere (Atanov et al., Sec. 4.3).

    Args:
        dimensions: of the points.
        classes: of each task.
        labels: class ids of the search's images for each task [N]; -1 is missing.
        weight: of their mean loss.
    """

    def __init__(
        self, dimensions: int, classes: Sequence[int], labels: Sequence[Tensor], weight: float
    ) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(dimensions, count) for count in classes)
        self._weight = weight
        for number, own in enumerate(labels):
            self.register_buffer(f"labels{number}", own, persistent=False)

    def forward(self, points: Tensor, rows: Tensor) -> Tensor:
        """Return the loss of points [B, D] of these rows [B]."""
        losses = []
        for number, head in enumerate(self.heads):
            labels: Tensor = getattr(self, f"labels{number}")[rows.to(points.device)]
            value, valid = cross_entropy(head(points), labels)
            losses.append(torch.where(valid, value, 0.0).sum() / valid.sum().clamp(min=1))
        return self._weight * torch.stack(losses).mean()
