"""Linear probe: how often a linear classifier of the features is right on an image left out."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures, Score
from taskspace_plugins.scores._checked import classed_rows, present_labels
from taskspace_plugins.scores._spectrum import spectrum

_PENALTIES = np.logspace(-7, 1, 9)
"""In units of the largest squared singular value."""


class LinearProbe(Score):
    """The leave-one-out accuracy of ridge regression on one-hot labels, in closed form."""

    name: ClassVar[str] = "linear_probe"

    def score(self, data: LabelledFeatures) -> float:
        """Return `linear_probe` of the features."""
        return linear_probe(data.features, present_labels(data, self.name))


def linear_probe(features: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of images that a linear classifier fitted to all others names, in [0, 1].

    Ridge regression with a bias on one-hot labels; leaving out image i changes its residual by
    1 / (1 - h_ii), h the hat matrix (Allen 1974), so that nothing is fitted twice. Of nine
    penalties, the one with the least squared error on images left out counts.

    Args:
        features: [N, D].
        labels: class of each image [N], integers.

    Cost: N D min(N, D) + 9 N C min(N, D). Invariant to rotation, shift and scale.

    Raises:
        InputError: see `classed_rows`.
    """
    given = classed_rows(features, labels, "linear_probe")
    whole = spectrum(given.rows, centred=True)
    images = len(given.rows)
    kept = whole.squares[:, None] / (whole.squares[:, None] + _PENALTIES * whole.squares[0])
    coordinates = whole.class_coordinates(given)
    errors, right = np.zeros(len(_PENALTIES)), np.zeros(len(_PENALTIES))
    for place, left in whole.left_rows():
        own = given.labels[place]
        leverage = 1 / images + left**2 @ kept
        for number, shares in enumerate(kept.T):
            fitted = given.counts / images + left @ (shares[:, None] * coordinates)
            told = _left_out(fitted, own, leverage[:, number])
            right[number] += (told.argmax(axis=1) == own).sum()
            told[np.arange(len(own)), own] -= 1
            errors[number] += (told**2).sum()
    return float(right[errors.argmin()] / images)


def _left_out(
    fitted: NDArray[np.float64], own: NDArray[np.int64], leverage: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what is predicted of each image without it [B, C], from what is with it."""
    wanted = np.zeros_like(fitted)
    wanted[np.arange(len(own)), own] = 1
    left_out: NDArray[np.float64] = wanted - (wanted - fitted) / (1 - leverage)[:, None]
    return left_out
