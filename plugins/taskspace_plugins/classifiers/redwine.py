"""Composed classifiers."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from taskspace_plugins.classifiers._layered import LayeredClassifier


class Redwine(LayeredClassifier):
    """A linear classifier of each composition, made by a network (Misra et al. 2017, Sec. 3).

    The paper's network composes linear classifiers of single words; here it composes the vectors of
    the words, as the re-implementation of Nagarajan & Grauman 2018 does.
    """

    name: ClassVar[str] = "redwine"

    def build(self, words: int, size: int, features: int) -> nn.Module:
        """Return a network that scores by w.z + b, with w and b from the description."""
        return ComposedClassifiers(self.stack(words * size, features + 1))

    def loss(
        self, network: nn.Module, features: Tensor, descriptions: Tensor, truth: Tensor
    ) -> Tensor:
        """Return the binary cross-entropy of each image [B].

        That of its own composition and the mean of those of all others: both sides count the same,
        whatever the number of compositions.
        """
        scores: Tensor = network(features, descriptions)
        own = torch.zeros_like(scores, dtype=torch.bool).scatter_(1, truth[:, None], value=True)
        accepted = softplus(-scores[own])
        refused = softplus(scores).masked_fill(own, 0.0).sum(dim=1)
        return accepted + refused / max(1, scores.shape[1] - 1)


class ComposedClassifiers(nn.Module):
    """Weights and a bias on features for each description.

    Args:
        compose: [P, words x size] -> [P, F + 1], the bias last.
    """

    def __init__(self, compose: nn.Module) -> None:
        super().__init__()
        self.compose = compose

    def forward(self, features: Tensor, descriptions: Tensor) -> Tensor:
        """Return w.z + b [B, P] for features [B, F] and descriptions [P, words, size]."""
        composed: Tensor = self.compose(descriptions.flatten(1))
        return torch.addmm(composed[:, -1], features, composed[:, :-1].T)
