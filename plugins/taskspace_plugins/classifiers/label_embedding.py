"""Label embedding."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from taskspace_plugins.classifiers._layered import LayeredClassifier

TEMPERATURE = 10.0
"""By which cosines are multiplied at the start; it is learnt."""


class LabelEmbedding(LayeredClassifier):
    """Features in the space of word vectors, compared by their angle (DeViSE, Frome et al. 2013).

    The space is that of the words' vectors one behind the other, as in the baseline LabelEmbed of
    Misra et al. 2017 and of Nagarajan & Grauman 2018; cross-entropy over the cosines takes the
    place of their ranking loss. Word vectors stay as they are.
    """

    name: ClassVar[str] = "label_embedding"

    def build(self, words: int, size: int, features: int) -> nn.Module:
        """Return a network that scores by a learnt multiple of the cosine."""
        return WordSpace(self.stack(features, words * size))


class WordSpace(nn.Module):
    """A place among descriptions for features.

    Args:
        project: [B, F] -> [B, words x size].
    """

    def __init__(self, project: nn.Module) -> None:
        super().__init__()
        self.project = project
        # As a logarithm, it stays above 0.
        self.log_temperature = nn.Parameter(torch.tensor(TEMPERATURE).log())

    def forward(self, features: Tensor, descriptions: Tensor) -> Tensor:
        """Return scores [B, P] for features [B, F] and descriptions [P, words, size]."""
        places = normalize(self.project(features), dim=1)
        cosines = places @ normalize(descriptions.flatten(1), dim=1).T
        scores: Tensor = self.log_temperature.exp() * cosines
        return scores
