"""k-NN: how often the nearest other images name the right class."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pydantic
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import classed_rows, present_labels

NEIGHBOURS = 5
IMAGES = 10_000
_SIMILARITIES = 1 << 26
"""In memory at a time: 256 MB."""
_ROUNDING = 1e-6
"""Of a similarity in float32: neighbours that are this close to the last one are neighbours, too.
"""


class NearestNeighbours(Score):
    """The leave-one-out accuracy of the nearest neighbours by cosine."""

    name: ClassVar[str] = "knn"

    k: int = pydantic.Field(NEIGHBOURS, ge=1, le=1000, description="Neighbours that vote.")
    images: int = pydantic.Field(
        IMAGES,
        ge=1,
        description="Images that are classified, by all others; drawn by the seed where there are "
        "more.",
    )

    def score(self, data: LabelledFeatures) -> float:
        """Return `knn` of the features."""
        labels = present_labels(data, self.name)
        return knn(data.features, labels, k=self.k, images=self.images, seed=data.seed)


def knn(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    k: int = NEIGHBOURS,
    images: int = IMAGES,
    seed: int = 0,
) -> float:
    """Return the share of images whose k nearest others are of their class, in [0, 1].

    The plain vote of Cover and Hart 1967; of m classes with the most votes each is right with
    1 / m, and images as near as the k-th vote too, so that the order of images does not count.

    Args:
        features: [N, D]; similarity is the cosine, in float32.
        labels: class of each image [N], integers.
        k: neighbours, at most N - 1.
        images: that are classified, at most.
        seed: of the draw where there are more.

    Cost: min(N, images) N D. Invariant to rotation and to the scale of each image's features.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "knn")
    count = len(given.rows)
    # Twice: a length of large float32 numbers overflows.
    unit = given.rows / np.maximum(np.abs(given.rows).max(axis=1, keepdims=True), 1e-30)
    unit = (unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-30)).astype(
        np.float32, copy=False
    )
    asked = np.arange(count)
    if count > images:
        asked = np.sort(np.random.default_rng(seed).choice(count, images, replace=False))
    chunks = np.array_split(asked, -(-len(asked) * count // _SIMILARITIES))
    right = sum(
        _right(unit, given.labels, given.classes, chunk, min(k, count - 1)) for chunk in chunks
    )
    return float(right / len(asked))


def _right(
    unit: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    asked: NDArray[np.int64],
    k: int,
) -> float:
    """Return how many of the images `asked` are classified rightly; a tie of m counts 1 / m."""
    similar = unit[asked] @ unit.T
    similar[np.arange(len(asked)), asked] = -np.inf
    last = np.partition(similar, -k, axis=1)[:, -k]
    rows, columns = np.nonzero(similar >= last[:, None] - _ROUNDING)
    votes = np.bincount(rows * classes + labels[columns], minlength=len(asked) * classes)
    votes = votes.reshape(len(asked), classes)
    winners = votes == votes.max(axis=1, keepdims=True)
    own = winners[np.arange(len(asked)), labels[asked]]
    return float((own / winners.sum(axis=1)).sum())
