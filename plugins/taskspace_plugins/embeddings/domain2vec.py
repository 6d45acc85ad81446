"""DOMAIN2VEC."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
import pydantic
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from taskspace.components import Embedding, LabelledImages, TaskEmbedding
from taskspace_plugins.embeddings._checked import require_finite, require_images, stacked
from taskspace_plugins.fisher.distances import cosine
from taskspace_plugins.fisher.layers import as_it_was
from taskspace_plugins.fisher.passes import features_of


class Domain2Vec(Embedding):
    """The mean and second moment of a probe's pooled codes (Achille et al. 2019, Sec. 3.3).

    It sees images and no labels: two tasks on the same images have one embedding, which is what it
    is there to show beside Task2Vec.
    """

    name: ClassVar[str] = "domain2vec"
    reads_labels: ClassVar[bool] = False

    second_moment: Literal["none", "diagonal", "full"] = pydantic.Field(
        "full", description="What of (1/N) sum phi phi^T stands behind the mean of phi."
    )
    batch: int = pydantic.Field(
        64, ge=1, le=65536, description="Images at a time; it does not matter to the result."
    )

    def embed(
        self, network: nn.Module, task: LabelledImages, generator: torch.Generator
    ) -> TaskEmbedding:
        """Return the moments of D features: D, 2 D or D + D (D + 1) / 2 numbers.

        Entries outside the diagonal stand once, times the root of 2, so that vectors have the
        angles of the matrices.

        Raises:
            InputError: if there are fewer than two images, or images or codes are not finite.
        """
        require_images(task)
        with as_it_was(network):
            features = features_of(network, task.images, self.batch)
        require_finite(features)
        vector = moments(features.double(), self.second_moment)
        return TaskEmbedding(vector.cpu().numpy(), record={"features": features.shape[1]})

    def distances(
        self, first: Sequence[TaskEmbedding], second: Sequence[TaskEmbedding]
    ) -> NDArray[np.float64]:
        """Return the mean of the cosine distances of means and of second moments."""
        one, other = stacked(first, second)
        size = _features(one.shape[1], self.second_moment)
        of_means = cosine(one[:, :size], other[:, :size])
        if self.second_moment == "none":
            return of_means
        return (of_means + cosine(one[:, size:], other[:, size:])) / 2


def moments(features: Tensor, second: Literal["none", "diagonal", "full"]) -> Tensor:
    """Return the mean of features [N, D], and what is asked of their second moment, as one row."""
    mean = features.mean(dim=0)
    if second == "none":
        return mean
    if second == "diagonal":
        return torch.cat([mean, features.square().mean(dim=0)])
    matrix = features.T @ features / len(features)
    rows, columns = torch.triu_indices(*matrix.shape, device=matrix.device)
    scale = torch.where(rows == columns, 1.0, 2.0).double().sqrt()
    return torch.cat([mean, matrix[rows, columns] * scale])


def _features(length: int, second: Literal["none", "diagonal", "full"]) -> int:
    """Return D of a row of `moments`."""
    if second == "none":
        return length
    if second == "diagonal":
        return length // 2
    # D + D (D + 1) / 2 = L: D^2 + 3 D - 2 L = 0.
    return (math.isqrt(9 + 8 * length) - 3) // 2
