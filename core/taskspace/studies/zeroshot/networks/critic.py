"""The critic: how far real features stand above generated ones, given the description."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.studies.zeroshot.networks.words import SLOPE


class Judgement(NamedTuple):
    """Scores [B] of real and of generated features, and the critic's slope [B] between them."""

    real: Tensor
    generated: Tensor
    slope: Tensor


class Critic(nn.Module):
    """Fully connected layers (features [B, F], descriptions [B, T]) -> scores [B] (eq. 5.3).

    Args:
        task: T.
        features: F.
        hidden: numbers after each layer but the last.
        layers: at least 2.
    """

    def __init__(self, task: int, features: int, hidden: int = 1024, layers: int = 3) -> None:
        super().__init__()
        inner = [nn.Linear(hidden, hidden) for _ in range(layers - 2)]
        # A number added to all scores changes no difference between them: its gradient is noise.
        last = nn.Linear(hidden, 1, bias=False)
        # The first layer in two, so that what it makes of a description is used three times.
        self.of_features = nn.Linear(features, hidden)
        self.of_task = nn.Linear(task, hidden, bias=False)
        reach = 1 / sqrt(features + task)
        for parameter in (*self.of_features.parameters(), *self.of_task.parameters()):
            nn.init.uniform_(parameter, -reach, reach)
        self.later = nn.ModuleList([*inner, last])

    def forward(self, features: Tensor, task: Tensor) -> Tensor:
        """Return scores [B]."""
        return self._scores(self.of_features(features) + self.of_task(task))

    def judge(self, real: Tensor, generated: Tensor, task: Tensor, mix: Tensor) -> Judgement:
        """Return what the critic's loss is made of, with gradients for its weights.

        The first layer is linear, so that it sees the description once for all three kinds of
        features and the interpolates not at all. The slope is differentiated once: see `_slope`.

        Args:
            mix: the share of the real features in each interpolate, [B, 1].
        """
        described = self.of_task(task)
        both = self.of_features(torch.cat([real, generated])) + described.repeat(2, 1)
        scores = self._scores(both)
        with torch.no_grad():
            ends = both.detach().chunk(2)
            sides = self._sides(mix * ends[0] + (1 - mix) * ends[1])
        real_score, generated_score = scores.chunk(2)
        return Judgement(real_score, generated_score, self._slope(sides))

    def slope(self, features: Tensor, task: Tensor) -> Tensor:
        """Return the norm of the gradient of each score with respect to its features, [B]."""
        with torch.no_grad():
            sides = self._sides(self.of_features(features) + self.of_task(task))
        return self._slope(sides)

    def _scores(self, found: Tensor) -> Tensor:
        for layer in self.later:
            found = layer(functional.leaky_relu(found, SLOPE))
        return found[:, 0]

    def _sides(self, found: Tensor) -> list[Tensor]:
        """Return the slope of each activation, 1 or `SLOPE`, layer by layer."""
        sides = []
        for layer in self.later:
            sides.append(torch.where(found > 0, 1.0, SLOPE))
            found = layer(found * sides[-1])
        return sides

    def _slope(self, sides: Sequence[Tensor]) -> Tensor:
        """Return the norm of the gradient, which is a product of weights and slopes of activations.

        Those slopes are constant but where an activation is 0, so that what autograd finds for the
        weights in this product is what it finds by differentiating twice, with less work.
        """
        *inner, last = [cast("nn.Linear", layer) for layer in self.later]
        gradient = last.weight
        for layer, side in zip([*reversed(inner), self.of_features], reversed(sides), strict=True):
            gradient = (gradient * side) @ layer.weight
        slope: Tensor = torch.linalg.vector_norm(gradient, dim=1)
        return slope
