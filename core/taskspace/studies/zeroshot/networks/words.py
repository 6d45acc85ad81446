"""From the vectors of a composition's words to the description that generator and critic read."""

from __future__ import annotations

import torch
from torch import Tensor, nn

SLOPE = 0.2
"""Of activations below 0, as in f-CLSWGAN (Xian et al. 2018)."""


class WordNetwork(nn.Module):
    """A network of two layers for each word (phi_a, phi_o), their outputs one after the other.

    Args:
        words: of a composition.
        size: numbers of a word's vector.
        hidden: numbers inside, and of each word's output.
    """

    def __init__(self, words: int, size: int, hidden: int) -> None:
        super().__init__()
        self.size = words * hidden
        self.each = nn.ModuleList(
            nn.Sequential(nn.Linear(size, hidden), nn.LeakyReLU(SLOPE), nn.Linear(hidden, hidden))
            for _ in range(words)
        )

    def forward(self, vectors: Tensor) -> Tensor:
        """Return descriptions [P, words x hidden] of word vectors [P, words, size]."""
        own = [network(vectors[:, word]) for word, network in enumerate(self.each)]
        return torch.cat(own, dim=1)
