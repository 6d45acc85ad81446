"""A head for each task."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from taskspace.components import Head, Readout, Shape


class Heads(nn.Module):
    """What reads the code of each task; a task that a batch lacks is not run."""

    def __init__(self, readout: Readout, code: Shape, heads: Sequence[Head], image: Shape) -> None:
        super().__init__()
        self.networks = nn.ModuleList(readout.build(code, head, image) for head in heads)
        self.shapes = [head.shape(image) for head in heads]

    def forward(self, codes: Tensor, counts: Sequence[int]) -> tuple[Tensor, ...]:
        """Return [n_t, *head] of each task.

        Args:
            codes: [P, *code], by task.
            counts: n_t of each task; their sum is P.
        """
        parts = torch.split(codes, list(counts))
        return tuple(
            network(part) if len(part) else part.new_zeros(0, *shape)
            for network, part, shape in zip(self.networks, parts, self.shapes, strict=True)
        )
