"""One task with its experts and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch import Tensor, nn


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
