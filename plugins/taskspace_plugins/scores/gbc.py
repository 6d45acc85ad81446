"""GBC: how much the normal distributions of classes overlap."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import ClassedRows, classed_rows, present_labels
from taskspace_plugins.scores._spectrum import spectrum

Covariance = Literal["spherical", "diagonal"]
DIMENSIONS = 64
_FLOOR = 1e-6
"""Of a variance, as a share of the mean one: classes whose images are all equal stay finite."""


class Gbc(Score):
    """GBC: minus the overlap of the classes' normal distributions (Pandy et al. 2022)."""

    name: ClassVar[str] = "gbc"

    covariance: Covariance = pydantic.Field(
        "spherical",
        description="Of a class: one variance for all directions, or one for each principal axis.",
    )
    dimensions: int | None = pydantic.Field(
        DIMENSIONS,
        ge=1,
        description="Principal components of the features that are compared, as in the paper, so "
        "that models with more features are not favoured; null for all features as they are.",
    )

    def score(self, data: LabelledFeatures) -> float:
        """Return `gbc` of the features."""
        return gbc(
            data.features,
            present_labels(data, self.name),
            covariance=self.covariance,
            dimensions=self.dimensions,
        )


def gbc(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    covariance: Covariance = "spherical",
    dimensions: int | None = DIMENSIONS,
) -> float:
    """Return minus the sum of exp(-D_B) over pairs of classes; at most 0.

    D_B is the Bhattacharyya distance of the normal distributions of two classes (Pandy et al.
    2022, "Transferability Estimation using Bhattacharyya Class Separability", CVPR):
    (m1 - m2)^2 / (8 v) + log(v / sqrt(v1 v2)) / 2, v = (v1 + v2) / 2, summed over dimensions.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.
        covariance: of a class.
        dimensions: principal components that are kept; None for the features themselves.

    Cost: N D min(N, D) + C^2 dimensions. Invariant to shift and scale, and to rotations but where
    `covariance` is diagonal without principal components.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "gbc")
    rows = given.rows if dimensions is None else _components(given.rows, dimensions)
    means, variances = _moments(given, rows)
    if covariance == "spherical":
        variances = np.broadcast_to(variances.mean(axis=1, keepdims=True), variances.shape)
    overlap = 0.0
    for first in range(given.classes - 1):
        middle = (variances[first] + variances[first + 1 :]) / 2
        apart = (means[first] - means[first + 1 :]) ** 2 / (8 * middle)
        unlike = np.log(middle) - np.log(variances[first] * variances[first + 1 :]) / 2
        overlap += float(np.exp(-(apart + unlike / 2).sum(axis=1)).sum())
    return -overlap


def _components(rows: NDArray[np.floating], dimensions: int) -> NDArray[np.float64]:
    """Return the first principal components [N, dimensions], fewer where the rank is less."""
    whole = spectrum(rows, centred=True)
    lengths = np.sqrt(whole.squares[:dimensions])
    return np.concatenate([part * lengths for _, part in whole.left_rows(dimensions)])


def _moments(
    given: ClassedRows, rows: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means and variances of each class, [C, K] each, with mean variance 1."""
    parts = [rows[own].astype(np.float64) for own in given.members()]
    means = np.stack([part.mean(axis=0) for part in parts])
    variances = np.stack([part.var(axis=0) for part in parts])
    centre = rows.mean(axis=0, dtype=np.float64)
    unit = ((variances + (means - centre) ** 2) * given.counts[:, None]).sum() / rows.size
    return (means - centre) / np.sqrt(unit), np.maximum(variances / unit, _FLOOR)
