"""TransRate: how much shorter a code of the features is once their class is known."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pydantic
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import classed_rows, present_labels
from taskspace_plugins.scores._spectrum import gram

DISTORTION = 1e-4


class TransRate(Score):
    """TransRate: the coding rate of features less that within classes (Huang et al. 2022)."""

    name: ClassVar[str] = "transrate"

    distortion: float = pydantic.Field(
        DISTORTION,
        gt=0,
        description="Squared error up to which features are coded (eps), by default the paper's.",
    )
    scaled: bool = pydantic.Field(
        False,
        description="Whether features are scaled to a total variance of 1 first, so that the score "
        "does not depend on their unit. It then needs a larger `distortion`, around 0.1: with the "
        "default, the score falls as classes move apart wherever a class has fewer images than "
        "features.",
    )

    def score(self, data: LabelledFeatures) -> float:
        """Return `transrate` of the features."""
        return transrate(
            data.features,
            present_labels(data, self.name),
            distortion=self.distortion,
            scaled=self.scaled,
        )


def transrate(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    distortion: float = DISTORTION,
    scaled: bool = False,
) -> float:
    """Return R(F) - sum_c (N_c / N) R(F_c), in nats; at least 0.

    R(F) = log det(I + F^T F / (N eps)) / 2, F less the mean of all images, in each class too
    (Huang et al. 2022, "Frustratingly Easy Transferability Estimation", ICML). The
    listing in the paper takes the plain mean over classes: the same where all are equally large.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.
        distortion: eps.
        scaled: whether the total variance is made 1 first.

    Cost: N D min(N, D). Invariant to rotation and shift; where `scaled`, to scale, too.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "transrate")
    mean = given.rows.mean(axis=0, dtype=np.float64)
    products = gram(given.rows, mean)
    images = len(given.rows)
    factor = images / np.trace(products) if scaled else 1.0
    whole = _rate(products * (factor / (images * distortion)))
    within = sum(
        len(own) / images * _rate(gram(given.rows[own], mean) * (factor / (len(own) * distortion)))
        for own in given.members()
    )
    return float(whole - within)


def _rate(products: NDArray[np.float64]) -> float:
    """Return log det(I + products) / 2."""
    # Not by a Cholesky factor: of large features without full rank, I is lost to rounding.
    values = linalg.eigvalsh(products, check_finite=False)
    noise = values[-1] * len(values) * np.finfo(np.float64).eps
    return float(np.log1p(values[values > noise]).sum() / 2)
