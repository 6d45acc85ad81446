"""Classifiers of compositions: how well image features fit a description in words."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from taskspace.components.base import Component

if TYPE_CHECKING:
    import torch
    from torch import nn


class Classifier(Component):
    """A network that scores descriptions, learnt on compositions with images, used on any."""

    kind: ClassVar[str] = "classifier"

    @abstractmethod
    def build(self, words: int, size: int, features: int) -> nn.Module:
        """Return a fresh network (features [B, F], descriptions [P, words, size]) -> scores [B, P].

        A score of a description depends on no other description. It is built with torch's own
        generator seeded, as encoders are.

        Args:
            words: of a composition: 2 for an attribute and an object.
            size: numbers of a word's vector.
            features: F.
        """

    def loss(
        self,
        network: nn.Module,
        features: torch.Tensor,
        descriptions: torch.Tensor,
        truth: torch.Tensor,
    ) -> torch.Tensor:
        """Return the loss of each image [B]: cross-entropy unless a classifier has another.

        Args:
            network: what `build` gives.
            features: [B, F].
            descriptions: of the compositions that have images, [S, words, size].
            truth: which of them each image shows [B].
        """
        from torch.nn.functional import cross_entropy  # noqa: PLC0415  listing needs no torch

        return cross_entropy(network(features, descriptions), truth, reduction="none")
