"""Softmax gates that look at the image."""

from __future__ import annotations

import math

from torch import Tensor, nn

from taskspace.components import Shape


def selector(before: Shape, experts: int) -> nn.Module:
    """Return a network [B, *before] -> [B, experts], whose outputs are shares of 1.

    Source: Ma et al. 2018, eq. 7.

    Args:
        before: the shape of what the experts see.
        experts: among which it shares out.
    """
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(before), experts), nn.Softmax(dim=1))


def shared_out(shares: Tensor, codes: Tensor) -> Tensor:
    """Return sum_i shares[:, i] codes[i] [B, *code].

    Args:
        shares: [B, k].
        codes: [k, B, *code].
    """
    factor = shares.T.reshape(*codes.shape[:2], *(1 for _ in codes.shape[2:]))
    return (factor * codes).sum(dim=0)
