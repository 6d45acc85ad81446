"""Adam for several tensors at once, with little around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), without weight decay.

    It makes the fused call that `torch.optim.Adam(fused=True)` makes, to the same bits. That class
    imports PyTorch's compiler when it is made, which takes every worker longer than its first
    dozens of cells, and does more around each step than a small network's step takes.

    Args:
        tensors: what is learned. One without a `grad` at a step (an expert that nobody read) stays
            where it is, and so do its averages.
    """

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, tensors: Sequence[nn.Parameter]) -> None:
        self._all = [
            (tensor, torch.zeros_like(tensor), torch.zeros_like(tensor), _zero(tensor))
            for tensor in tensors
        ]
        self._learned = self._all

    def keep(self, tensors: Collection[nn.Parameter]) -> None:
        """Move these from now on, and leave the others as they are."""
        kept = {id(tensor) for tensor in tensors}
        self._learned = [learned for learned in self._all if id(learned[0]) in kept]

    def averages(self, tensors: Collection[nn.Parameter]) -> dict[str, Tensor]:
        """Return what is remembered of these: means, squares and steps, by place and name."""
        wanted = {id(tensor) for tensor in tensors}
        chosen = [averages for tensor, *averages in self._all if id(tensor) in wanted]
        return {
            f"adam.{place}.{name}": average
            for place, averages in enumerate(chosen)
            for name, average in zip(("mean", "square", "steps"), averages, strict=True)
        }

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every tensor by its gradient, at this learning rate."""
        moved = [learned for learned in self._learned if learned[0].grad is not None]
        if not moved:
            return
        tensors, means, squares, steps = (list(column) for column in zip(*moved, strict=True))
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            tensors,
            [tensor.grad for tensor in tensors if tensor.grad is not None],
            means,
            squares,
            [],
            steps,
            lr=rate,
            beta1=self.BETAS[0],
            beta2=self.BETAS[1],
            weight_decay=0.0,
            eps=self.EPSILON,
            amsgrad=False,
            maximize=False,
        )


def _zero(like: Tensor) -> Tensor:
    return torch.zeros((), device=like.device)
