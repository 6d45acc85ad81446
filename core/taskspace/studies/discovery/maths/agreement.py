"""The agreement score: how often two networks that learnt one task say the same of a new image."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError
from taskspace.learning.statistics import t_quantile

Ids = NDArray[np.int64]

LEAST_NETWORKS = 3
"""Networks that an interval needs: two are a single pair, which says nothing of others."""


@dataclass(frozen=True)
class AgreementScore:
    """How a task generalises, by what several networks predict on images that none has learnt from.

    Attributes:
        mean: share of equal predictions, over all pairs of networks and all images.
        low: of a 95 % interval for networks and images that were not drawn; None with two networks.
        high: its other end.
        kappa: Cohen's, the agreement beyond what the predicted shares give by chance, from -1 to 1;
            None where every network predicts one class.
        balance: the share of the rarest class among the labels.
        accuracy: share of predictions that equal the labels, over networks and images; None where
            the labels of these images say nothing (random ones).
        networks: how many.
    """

    mean: float
    low: float | None
    high: float | None
    kappa: float | None
    balance: float
    accuracy: float | None
    networks: int


def agreement_score(predictions: Ids, labels: Ids, classes: int) -> AgreementScore:
    """Return the agreement score of a task (Atanov et al. 2022, Eq. 1), with its interval.

    The variance of the mean over networks is the jackknife's, that over images the sample's; the
    interval adds both and takes Student's t with a degree of freedom less than networks.

    Args:
        predictions: of each network for each image, class ids [S, N].
        labels: of the images, class ids [N].
        classes: how many there are.

    Raises:
        InputError: if there are fewer than two networks, no image, or the shapes differ.
    """
    networks, images = predictions.shape
    if networks < 2 or not images or labels.shape != (images,):
        raise InputError(
            f"An agreement score is of two networks and an image at least; there are {networks} "
            f"networks, {images} images and labels {labels.shape}."
        )
    matches = pairwise_matches(predictions)
    mean = float(matches.mean())
    half = _half_width(matches, networks)
    shares = np.bincount(labels, minlength=classes) / images
    return AgreementScore(
        mean=mean,
        low=None if half is None else max(mean - half, 0.0),
        high=None if half is None else min(mean + half, 1.0),
        kappa=cohens_kappa(predictions, classes),
        balance=float(shares.min()),
        accuracy=float((predictions == labels).mean()),
        networks=networks,
    )


def pairwise_matches(predictions: Ids) -> NDArray[np.float64]:
    """Return whether both networks of each pair predict the same, [S (S - 1) / 2, N]."""
    pairs = combinations(range(len(predictions)), 2)
    return np.array([predictions[one] == predictions[other] for one, other in pairs], dtype=float)


def cohens_kappa(predictions: Ids, classes: int) -> float | None:
    """Return the mean over pairs of Cohen's kappa; pairs that never vary have none.

    Args:
        predictions: class ids [S, N].
        classes: how many there are.
    """
    shares = np.array([np.bincount(row, minlength=classes) for row in predictions])
    shares = shares / predictions.shape[1]
    found = []
    for one, other in combinations(range(len(predictions)), 2):
        chance = float(shares[one] @ shares[other])
        if chance < 1:
            agreed = float((predictions[one] == predictions[other]).mean())
            found.append((agreed - chance) / (1 - chance))
    return float(np.mean(found)) if found else None


def _half_width(matches: NDArray[np.float64], networks: int) -> float | None:
    if networks < LEAST_NETWORKS:
        return None
    pairs = list(combinations(range(networks), 2))
    of_pair = matches.mean(axis=1)
    without = np.array(
        [
            np.mean([s for p, s in zip(pairs, of_pair, strict=True) if k not in p])
            for k in range(networks)
        ]
    )
    between = (networks - 1) / networks * float(np.square(without - without.mean()).sum())
    of_image = matches.mean(axis=0)
    images = len(of_image)
    within = float(of_image.var(ddof=1)) / images if images > 1 else 0.0
    return t_quantile(0.975, networks - 1) * float(np.sqrt(between + within))
