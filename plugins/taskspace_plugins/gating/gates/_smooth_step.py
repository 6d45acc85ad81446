"""Selectors that pick one of M experts by a binary code, and end up doing so exactly."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def smooth_step(t: Tensor, width: float) -> Tensor:
    """Return S(t): 0 up to -width/2, 1 from width/2 on, a cubic in between (Hazimeh 2021, eq. 3).

    Args:
        t: of any shape.
        width: gamma.
    """
    cubic = -2 / width**3 * t**3 + 3 / (2 * width) * t + 0.5
    return torch.where(t <= -width / 2, 0.0, torch.where(t >= width / 2, 1.0, cubic))


def code_bits(experts: int) -> Tensor:
    """Return the binary codes that select among M experts, bool [2^m, m] with m = ceil(log2 M)."""
    bits = max(experts - 1, 0).bit_length()
    return (torch.arange(2**bits)[:, None] >> torch.arange(bits)) % 2 == 1


def selectors(activations: Tensor, codes: Tensor, experts: int) -> Tensor:
    """Return r, how much each selector picks each expert [N, k, M] (Hazimeh 2021, eq. 4).

    The code c stands for the expert c mod M, so that the sum over experts is 1 for every M. In the
    paper a code beyond M stands for none, and a penalty keeps selectors away from it; but one that
    is decided there has no gradient, and its task is left without an expert.

    Args:
        activations: S(t) [N, k, m].
        codes: bool [2^m, m], see `code_bits`.
        experts: M.
    """
    each = activations[:, :, None, :]
    picked = torch.where(codes, each, 1 - each).prod(dim=3)
    own, second = picked[..., :experts], picked[..., experts:]
    return own + functional.pad(second, (0, experts - second.shape[-1]))


def entropy(picks: Tensor) -> Tensor:
    """Return the sum of the entropies of all selectors, a number [] (Hazimeh 2021, eq. 6).

    Args:
        picks: r [N, k, M].
    """
    safe = torch.where(picks > 0, picks, 1.0)
    return -(safe * safe.log()).sum()
