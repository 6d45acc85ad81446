"""What gated networks end in: a head a task, or one task with its experts and nothing else."""

from __future__ import annotations

import copy
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


class WeightedSum(nn.Module):
    """sum_i coefficients[i] f_i(x), over the experts that are left.

    Args:
        networks: the experts; they are copied.
        coefficients: [k], one for each.
    """

    def __init__(self, networks: Sequence[nn.Module], coefficients: Tensor) -> None:
        super().__init__()
        self.networks = nn.ModuleList(copied(network) for network in networks)
        self.coefficients: Tensor = nn.Buffer(coefficients.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, *code]."""
        codes = [network(x) for network in self.networks]
        total: Tensor = self.coefficients[0] * codes[0]
        for number, code in enumerate(codes[1:], start=1):
            total = total + self.coefficients[number] * code
        return total


def copied(network: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode."""
    return copy.deepcopy(network).eval()
