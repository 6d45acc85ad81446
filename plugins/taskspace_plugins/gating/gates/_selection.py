"""Which experts a task keeps: from probabilities to a choice."""

from __future__ import annotations

import torch
from torch import Tensor

from taskspace.components import Choice


def selected(probabilities: Tensor, rule: Choice) -> Tensor:
    """Return the chosen experts, bool [N, M]; see `Choice` for the rules.

    Args:
        probabilities: that each expert is used for each task [N, M].
    """
    p = probabilities.detach().double()
    density = p.sum(dim=1)
    match rule:
        case "all":
            return torch.ones_like(p, dtype=torch.bool)
        case "task":
            return most_likely(p, rounded(density))
        case "mean":
            return most_likely(p, rounded(density.mean()).expand(len(p)))
        case "rounded":
            return (p >= 0.5) | most_likely(p, torch.ones_like(density))


def rounded(density: Tensor) -> Tensor:
    """Return the nearest whole number, halves upwards, and 1 for 0."""
    return torch.floor(density + 0.5).clamp(min=1)


def most_likely(probabilities: Tensor, count: Tensor) -> Tensor:
    """Return the `count` most likely experts of each task, bool [N, M]; ties go to the first.

    Args:
        probabilities: [N, M].
        count: of each task [N].
    """
    order = probabilities.argsort(dim=1, descending=True, stable=True)
    rank = torch.empty_like(order)
    ranks = torch.arange(order.shape[1], device=order.device)
    rank.scatter_(1, order, ranks.expand_as(order))
    return rank < count[:, None]
