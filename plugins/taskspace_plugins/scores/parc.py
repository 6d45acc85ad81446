"""PARC: whether images of one class have features that are alike."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pydantic
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures, Score
from taskspace.errors import InputError
from taskspace_plugins.scores._checked import classed_rows, present_labels

IMAGES = 2000
_ROUNDING = 1e-12
"""Of a mean in float64, as a share of it."""


class Parc(Score):
    """PARC: the rank correlation of distances of features with those of labels (Bolya et al. 2021).

    It reads features of a probe set, some images of the task, and compares all pairs of them. Above
    `images`, positions are drawn by the seed: all models are compared on the same ones, and the
    order of the images counts.
    """

    name: ClassVar[str] = "parc"

    images: int = pydantic.Field(
        IMAGES,
        ge=4,
        le=20000,
        description="Images whose pairs are compared, drawn where there are more: cost and memory "
        "grow with its square (16 bytes a pair).",
    )
    standardised: bool = pydantic.Field(
        True,
        description="Whether each feature gets mean 0 and variance 1 over the images first, so "
        "that features that are large in all images do not decide every correlation.",
    )

    def score(self, data: LabelledFeatures) -> float:
        """Return `parc` of the features."""
        labels = present_labels(data, self.name)
        return parc(
            data.features,
            labels,
            images=self.images,
            standardised=self.standardised,
            seed=data.seed,
        )


def parc(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    images: int = IMAGES,
    standardised: bool = True,
    seed: int = 0,
) -> float:
    """Return Spearman's correlation of 1 - r between features and between labels, in [-1, 1].

    r is Pearson's correlation of two images' features, or of their one-hot labels, over all pairs
    of images (Bolya et al. 2021, "Scalable Diverse Model Selection for Accessible Transfer
    Learning", NeurIPS; there times 100, and after a PCA that is left out here). Distances
    of labels have two values, so that the correlation follows from the ranks of pairs of a class.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.
        images: of which pairs are compared, at most.
        standardised: whether each feature gets mean 0 and variance 1 over these images first.
        seed: of the draw where there are more than `images`.

    Cost: n^2 (D + log n) for n = min(N, images). Invariant to a shift and a scale of each feature
    where `standardised`, else to those of each image's features; not to rotation.

    Raises:
        InputError: see `classed_rows`; also if the images drawn have no pair of one class or of
            two, or all their pairs are equally far apart.
    """
    given = classed_rows(features, labels, "parc")
    drawn = np.arange(len(given.rows))
    if len(drawn) > images:
        drawn = np.sort(np.random.default_rng(seed).choice(drawn, images, replace=False))
    rows = given.rows[drawn].astype(np.float64)
    if standardised:
        mean = rows.mean(axis=0)
        rows -= mean
        spread = np.sqrt(np.einsum("nd,nd->d", rows, rows) / len(rows))
        # What rounding leaves of a constant feature is no variance.
        rows /= np.where(spread > _ROUNDING * np.abs(mean), spread, np.inf)
    means = rows.mean(axis=1, keepdims=True)
    rows -= means
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    # Nor has an image whose features are all equal a correlation with another.
    rows /= np.where(lengths > _ROUNDING * np.abs(means), lengths, np.inf)
    pairs = np.triu(np.ones((len(rows), len(rows)), dtype=bool), 1)
    # In float32, pairs of equal images are ties although their products are rounded.
    alike = (rows @ rows.T).astype(np.float32)[pairs]
    same = (given.labels[drawn][:, None] == given.labels[drawn])[pairs]
    correlation = _rank_correlation(alike, same)
    if correlation is None:
        raise InputError(
            f"The pairs of {len(rows)} images cannot be ranked: all are of one class, none is, or "
            "all are equally far apart.",
            where="score parc",
            advice="Raise `images`, or check the features.",
        )
    return correlation


def _rank_correlation(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> float | None:
    """Return Spearman's correlation of values with a yes or no; None where either is constant."""
    count, positive = len(values), int(chosen.sum())
    ordered = np.sort(values)
    among = np.sort(values[chosen])
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
    ties = np.diff(ends, prepend=0).astype(np.float64)
    variance = (float(count) ** 3 - count - (ties**3 - ties).sum()) / 12 / count
    if not 0 < positive < count or variance <= 0:
        return None
    below = np.searchsorted(ordered, among, side="left")
    upto = np.searchsorted(ordered, among, side="right")
    ranks = (below + upto + 1) / 2
    share = positive / count
    apart = (ranks.mean() - (count + 1) / 2) / (1 - share)
    return float(apart * np.sqrt(share * (1 - share) / variance))
