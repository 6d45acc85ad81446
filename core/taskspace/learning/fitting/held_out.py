"""Early stopping: which images a network does not learn from, and the weights that do best there.

All epochs run, on the schedule they would have without it, and the best one is kept: there is no
patience to choose, and a rate that falls to 0 often makes a late epoch the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import NamedTuple

import torch
from torch import Tensor, nn

from taskspace.components import JSON
from taskspace.errors import CellError
from taskspace.learning.networks import fits, restore


class Division(NamedTuple):
    """Rows of a split [n] that are learned from and rows that are held out; both in order."""

    learned: Tensor
    held_out: Tensor


class BestEpoch:
    """The parameters and buffers after the epoch with the lowest loss, the first of equal ones.

    Attributes:
        division: the rows that are learned from and those that judge.
        epoch: counted from 1; 0 where no loss was finite yet.
        loss: the mean over the labelled held-out images.
    """

    def __init__(self, division: Division) -> None:
        self.division = division
        self.epoch = 0
        self.loss = inf
        self._weights: list[Tensor] = []

    def offer(self, epoch: int, loss: float, network: nn.Module) -> None:
        """Keep a copy of the network's weights if the loss is the lowest so far."""
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            self._weights = [tensor.detach().clone() for tensor in _tensors(network)]

    @torch.no_grad()
    def restore(self, network: nn.Module) -> None:
        """Give the network the weights that were kept, in place.

        Raises:
            CellError: if no loss was finite.
        """
        if not self._weights:
            raise CellError(
                "The loss on the held-out images was finite after no epoch.",
                advice="Look for infinite or enormous labels, or lower the learning rate.",
            )
        for tensor, kept in zip(_tensors(network), self._weights, strict=True):
            tensor.copy_(kept)

    def record(self) -> dict[str, JSON]:
        """Return what the result of a cell says of it."""
        return {"best_epoch": self.epoch, "held_out_loss": self.loss}

    def saved(self) -> dict[str, Tensor]:
        """Return what a checkpoint holds of it; nothing before the first finite loss."""
        if not self.epoch:
            return {}
        found = torch.tensor([self.epoch, self.loss], dtype=torch.float64)
        return {"best": found} | {f"best.{i}": kept for i, kept in enumerate(self._weights)}

    def resume(self, saved: Mapping[str, Tensor], network: nn.Module) -> bool:
        """Take over what a checkpoint holds, and return whether that is possible."""
        if "best" not in saved:
            return True
        kept = {f"best.{i}": tensor for i, tensor in enumerate(_tensors(network))}
        if not fits(saved, kept):
            return False
        epoch, self.loss = saved["best"].tolist()
        self.epoch = int(epoch)
        copies = {name: torch.empty_like(tensor) for name, tensor in kept.items()}
        restore(saved, copies)
        self._weights = list(copies.values())
        return True


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*network.parameters(), *network.buffers()]
