"""Selectors that pick one of M experts by a binary code, and end up doing so exactly."""

from __future__ import annotations

import torch
from torch import Tensor


def smooth_step(t: Tensor, width: float) -> Tensor:
    """Return S(t): 0 up to -width/2, 1 from width/2 on, a cubic in between (Hazimeh 2021, eq. 3).

    Args:
        t: of any shape.
        width: gamma.
    """
    cubic = -2 / width**3 * t**3 + 3 / (2 * width) * t + 0.5
    return torch.where(t <= -width / 2, 0.0, torch.where(t >= width / 2, 1.0, cubic))


def code_bits(experts: int) -> Tensor:
    """Return the binary code of each expert, bool [M, m] with m = ceil(log2 M)."""
    bits = max(experts - 1, 0).bit_length()
    return (torch.arange(experts)[:, None] >> torch.arange(bits)) % 2 == 1


def selectors(activations: Tensor, codes: Tensor) -> Tensor:
    """Return r, how much each selector picks each expert [N, k, M] (Hazimeh 2021, eq. 4).

    Without codes that stand for no expert the sum over experts is 1.

    Args:
        activations: S(t) [N, k, m].
        codes: bool [M, m].
    """
    each = activations[:, :, None, :]
    return torch.where(codes, each, 1 - each).prod(dim=3)


def entropy(picks: Tensor) -> Tensor:
    """Return the sum of the entropies of all selectors, a number [] (Hazimeh 2021, eq. 6).

    Args:
        picks: r [N, k, M].
    """
    safe = torch.where(picks > 0, picks, 1.0)
    return -(safe * safe.log()).sum()
