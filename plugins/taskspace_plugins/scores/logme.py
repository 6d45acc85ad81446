"""LogME: how probable the labels are under a Bayesian linear model of the features."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import classed_rows, present_labels
from taskspace_plugins.scores._spectrum import spectrum

_GRID = np.logspace(-14, 8, 45)
"""Ratios alpha / beta in units of the largest squared singular value, where the search begins."""
_HALVINGS = 48
"""Of the golden section: two steps of the grid shrink below the rounding of the evidence."""


class LogMe(Score):
    """LogME: the mean log evidence of each class under a Bayesian linear model (You et al. 2021).

    It reads features as they are: neither centred nor with a bias, as in the paper.
    """

    name: ClassVar[str] = "logme"

    def score(self, data: LabelledFeatures) -> float:
        """Return `logme` of the features."""
        return logme(data.features, present_labels(data, self.name))


def logme(features: ArrayLike, labels: ArrayLike) -> float:
    """Return the maximum evidence of the one-hot labels, mean over classes, in nats an image.

    For each class, y = F w + noise with w ~ N(0, I / alpha) and noise ~ N(0, I / beta); the score
    is max over alpha, beta of log p(y | F, alpha, beta) / N (You et al. 2021, "LogME: Practical
    Assessment of Pre-trained Models for Transfer Learning", ICML, eq. 2 and Algorithm 1). Given
    the ratio t = alpha / beta, the best beta has a closed form, so that the search is along a line
    that all classes share one decomposition for; the paper's fixed point is a stationary point of
    the same function, and this one is the highest.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.

    Cost: N D min(N, D), once for all classes. Invariant to rotations and to the scale of features.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "logme")
    whole = spectrum(given.rows, centred=False)
    coordinates = whole.class_coordinates(given) ** 2
    squares = whole.squares / whole.squares[0]
    rest = np.maximum(given.counts - coordinates.sum(axis=0), 0.0)
    return float(_most_evidence(squares, coordinates, rest, len(given.rows)).mean())


def _most_evidence(
    squares: NDArray[np.float64],
    coordinates: NDArray[np.float64],
    rest: NDArray[np.float64],
    images: int,
) -> NDArray[np.float64]:
    """Return the maximum over t of each class [C], in nats an image.

    Args:
        squares: of singular values [k], the largest 1.
        coordinates: squared coordinates of labels [k, C] in the basis of the left vectors.
        rest: squared length of labels outside of it [C].
        images: N.
    """

    def evidence(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        # With beta = N / q, where q = |y - F m|^2 + t |m|^2 = rest + sum z^2 t / (t + s^2).
        misfit = rest + (coordinates * (ratio / (ratio + squares[:, None]))).sum(axis=0)
        spread = np.log1p(squares[:, None] / ratio).sum(axis=0)
        fit = np.log(2 * np.pi * misfit / images) + 1
        result: NDArray[np.float64] = -0.5 * (fit + spread / images)
        return result

    classes = np.arange(coordinates.shape[1])
    best = np.argmax([evidence(np.full(len(classes), t)) for t in _GRID], axis=0)
    low = np.log(_GRID[np.maximum(best - 1, 0)])
    high = np.log(_GRID[np.minimum(best + 1, len(_GRID) - 1)])
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(_HALVINGS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        rises = evidence(np.exp(left)) < evidence(np.exp(right))
        low, high = np.where(rises, left, low), np.where(rises, high, right)
    return evidence(np.exp((low + high) / 2))
