"""Gates: which experts a pair of row and task reads, and by what it multiplies them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from taskspace.components import Choice


class Drawn(NamedTuple):
    """Open gates, bool [P, M], and coefficients [P, M]."""

    gates: Tensor
    coefficients: Tensor


class ExpertGate(nn.Module, ABC):
    """The gates of one layer: N tasks, M experts."""

    @abstractmethod
    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return the gates of a training batch whose pairs are of these tasks [P]."""

    @abstractmethod
    def probabilities(self) -> Tensor:
        """Return how likely each gate is open [N, M]."""

    @abstractmethod
    def mixing(self) -> Tensor:
        """Return by what each expert is multiplied in evaluation [N, M]."""

    def choose(self, rule: Choice) -> Tensor:
        """Return the open gates in evaluation, bool [N, M]."""
        return self.probabilities() > 0

    def extra_loss(self, gates: Tensor, task: Tensor, values: Tensor, weights: Tensor) -> Tensor:
        """Return what these gates add to the loss; see `GatedNetwork.extra_loss`."""
        return values.new_zeros(())


def uniform(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return numbers in [0, 1) of the shape, type and device of another tensor.

    They are drawn where the generator is: on every device a run draws the same.
    """
    place = like.device if generator is None else generator.device
    drawn = torch.rand(like.shape, generator=generator, dtype=like.dtype, device=place)
    return drawn.to(like.device)


class FixedGate(ExpertGate):
    """Gates that are open or closed from the start.

    Args:
        gates: bool [N, M].
        weighted: whether the coefficients are learnt, from N(0, 1); else they are 1.
    """

    def __init__(self, gates: Tensor, *, weighted: bool) -> None:
        super().__init__()
        self.gates: Tensor = nn.Buffer(gates, persistent=False)
        self.weights = nn.Parameter(torch.randn(gates.shape)) if weighted else None

    def draw(self, task: Tensor, generator: torch.Generator | None) -> Drawn:
        """Return the same gates as in evaluation."""
        return Drawn(self.gates[task], self.mixing()[task])

    def probabilities(self) -> Tensor:
        """Return 1 where a gate is open."""
        return self.gates.to(torch.get_default_dtype())

    def mixing(self) -> Tensor:
        """Return the weights; where none are learnt, 1 for what is read and 0 for the rest."""
        return self.probabilities() if self.weights is None else self.weights
