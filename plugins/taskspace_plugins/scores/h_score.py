"""H-score: how much of the features' variance lies between the means of classes."""

from __future__ import annotations

from typing import ClassVar

import pydantic
from numpy.typing import ArrayLike

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import classed_rows, present_labels
from taskspace_plugins.scores._spectrum import Spectrum, centred_chunks, spectrum


class HScore(Score):
    """H-score: variance between class means over that of features, shrunk (Ibrahim et al. 2022)."""

    name: ClassVar[str] = "h_score"

    shrunk: bool = pydantic.Field(
        True,
        description="Whether the covariance of features is shrunk towards a sphere (Ledoit and "
        "Wolf 2004); false for the score of Bao et al. 2019, which needs many more images than "
        "features.",
    )

    def score(self, data: LabelledFeatures) -> float:
        """Return `h_score` of the features."""
        return h_score(data.features, present_labels(data, self.name), shrunk=self.shrunk)


def h_score(features: ArrayLike, labels: ArrayLike, *, shrunk: bool = True) -> float:
    """Return tr(cov(f)^-1 cov(E[f | y])), at least 0 and at most the number of classes less 1.

    Bao et al. 2019, "An Information-Theoretic Approach to Transferability in Task Transfer
    Learning", ICIP, definition 2, with the pseudo-inverse; where `shrunk`, tr(S_a^-1 (1 - a)
    cov(E[f | y])) with S_a = (1 - a) cov(f) + a (tr cov(f) / D) I and the intensity a of Ledoit
    and Wolf 2004 (Ibrahim et al. 2022, "Newer is not always better: Rethinking transferability
    metrics", ECML-PKDD). Covariances are divided by N; classes weigh as their images do.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.

    Cost: N D min(N, D). Invariant to rotation, shift and scale; the unshrunk one to every
    invertible linear map.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "h_score")
    whole = spectrum(given.rows, centred=True)
    between = (whole.class_coordinates(given) ** 2 / given.counts).sum(axis=1)
    if not shrunk:
        return float(between.sum())
    intensity, target = shrinkage(whole)
    variances = whole.squares / len(given.rows)
    shares = (1 - intensity) * variances / ((1 - intensity) * variances + intensity * target)
    return float((shares * between).sum())


def shrinkage(whole: Spectrum) -> tuple[float, float]:
    """Return the intensity in [0, 1] and the variance of the sphere, for centred features.

    Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices",
    lemma 3.2 to 3.4: a = min(b^2, d^2) / d^2, with d^2 = |S - m I|^2 and b^2 the mean over images
    of |x x^T - S|^2 / N.
    """
    images, size = whole.rows.shape
    variances = whole.squares / images
    target = variances.sum() / size
    # A direction without variance is as far from the sphere as m.
    distance = (variances**2).sum() - size * target**2
    lengths = sum(
        ((chunk**2).sum(axis=1) ** 2).sum() for _, chunk in centred_chunks(whole.rows, whole.mean)
    )
    noise = (lengths / images - (variances**2).sum()) / images
    intensity = 0.0 if distance <= 0 else min(max(noise, 0.0), distance) / distance
    return float(intensity), float(target)
