"""The nearest prototype."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from taskspace_plugins.classifiers._layered import LayeredClassifier


class NearestPrototype(LayeredClassifier):
    """The prototype nearest to the features, from the description by regression.

    As a generator without noise that learns by the clustering loss alone (eq. 5.5 of the thesis),
    and as deep embedding models do (Zhang et al. 2017, "Learning a Deep Embedding Model for
    Zero-Shot Learning").
    """

    name: ClassVar[str] = "nearest_prototype"

    def build(self, words: int, size: int, features: int) -> nn.Module:
        """Return a network that scores by minus the mean squared difference to the prototype."""
        return Prototypes(self.stack(words * size, features))

    def loss(
        self, network: nn.Module, features: Tensor, descriptions: Tensor, truth: Tensor
    ) -> Tensor:
        """Return the mean squared difference to the prototype of the own description, [B]."""
        scores: Tensor = network(features, descriptions)
        return -scores.gather(1, truth[:, None])[:, 0]


class Prototypes(nn.Module):
    """Features of a description, and how near images are to them.

    Args:
        prototype: [P, words x size] -> [P, F].
    """

    def __init__(self, prototype: nn.Module) -> None:
        super().__init__()
        self.prototype = prototype

    def forward(self, features: Tensor, descriptions: Tensor) -> Tensor:
        """Return -|z - p|^2 / F [B, P] for features [B, F], descriptions [P, words, size]."""
        prototypes: Tensor = self.prototype(descriptions.flatten(1))
        # |z|^2 - 2 z.p + |p|^2: the differences themselves would be an array [B, P, F].
        product = torch.addmm(prototypes.square().sum(dim=1), features, prototypes.T, alpha=-2)
        return -(product + features.square().sum(dim=1, keepdim=True)) / features.shape[1]
