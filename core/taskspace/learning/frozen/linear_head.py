"""A linear classifier on features that stay as they are: convex, so it has one answer.

Features are standardised by those that are learnt from and rotated onto their own directions, of
which there are no more than samples: with 100 images, 1,280 numbers become 99 without any loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Precision = Mapping[str, float]

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Weights of the penalty, the mean over samples being 1; tried from the strongest down."""

FOLDS = 4
ENOUGH = 200
"""Samples held out from which on no further fold is needed to choose a strength."""
EXACT: Precision = {"maxiter": 200, "ftol": 1e-10, "gtol": 1e-7}
ROUGH: Precision = {"maxiter": 60, "ftol": 1e-6, "gtol": 1e-4}
"""When L-BFGS stops; a strength is chosen by rough fits, which take a third of the time."""
RANK = 1e-10
"""Directions of a smaller share of the largest squared singular value are rounding noise."""
FLAT = 1e-6
"""A feature whose deviation is below this share of the largest says nothing."""


@dataclass(frozen=True)
class LinearHead:
    """Logits of features: (x - mean) / deviation @ weight + bias.

    Attributes:
        mean, deviation: [D]; weight: [D, C]; bias: [C].
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return logits [N, C] of features [N, D]."""
        scaled = (features.astype(np.float64) - self.mean) / self.deviation
        return scaled @ self.weight + self.bias


def fit_linear_head(
    features: NDArray[np.floating],
    labels: NDArray[np.int64],
    classes: int,
    seed: int,
    strengths: Sequence[float] = STRENGTHS,
) -> LinearHead:
    """Return the multinomial logistic regression with an L2 penalty chosen by cross-validation.

    The bias is not penalised. The strength is the one with the lowest cross-entropy on samples held
    out, a fourth at a time with classes dealt evenly: each of few samples once, of many as many as
    are enough. Of equal strengths it is the strongest.

    Args:
        features: [N, D].
        labels: [N], in [0, classes); a class may be absent.
        seed: of the folds.
        strengths: that are tried; with one, nothing is held out.
    """
    centred, mean, deviation = _standardised(features)
    directions = _directions(centred)
    reduced = centred @ directions.T
    ordered = sorted(strengths, reverse=True)
    chosen = ordered[0]
    if len(ordered) > 1 and len(labels) >= 2 * FOLDS:
        chosen = ordered[int(np.argmin(_held_out(reduced, labels, classes, ordered, seed)))]
    weight, bias = _fit(reduced, labels, classes, chosen, EXACT)
    return LinearHead(mean, deviation, directions.T @ weight, bias)


def _standardised(
    features: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    values = features.astype(np.float64)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    flat = deviation <= FLAT * max(float(deviation.max(initial=0.0)), np.finfo(np.float64).tiny)
    deviation = np.where(flat, np.inf, deviation)
    return (values - mean) / deviation, mean, deviation


def _directions(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an orthonormal base [R, D] of samples [N, D]; R is at most N and D."""
    # Of the smaller Gram matrix: samples are few, or features are.
    few = len(centred) <= centred.shape[1]
    gram = centred @ centred.T if few else centred.T @ centred
    values, vectors = np.linalg.eigh(gram)
    kept = values > RANK * max(float(values[-1]), np.finfo(np.float64).tiny)
    base = vectors[:, kept]
    return (base / np.sqrt(values[kept])).T @ centred if few else base.T


def _held_out(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    classes: int,
    strengths: Sequence[float],
    seed: int,
) -> NDArray[np.float64]:
    """Return the summed cross-entropy on held-out samples of each strength."""
    fold = folds(labels, FOLDS, seed)
    total = np.zeros(len(strengths))
    for number in range(FOLDS):
        own = fold == number
        if (fold < number).sum() >= ENOUGH:
            break
        start: NDArray[np.float64] | None = None
        for place, strength in enumerate(strengths):
            weight, bias = _fit(features[~own], labels[~own], classes, strength, ROUGH, start)
            start = np.vstack([weight, bias])
            logits = features[own] @ weight + bias
            total[place] -= _log_softmax(logits)[np.arange(int(own.sum())), labels[own]].sum()
    return total


def folds(labels: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each sample [N], the samples of each class dealt evenly."""
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % count
    return fold


def _fit(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    classes: int,
    strength: float,
    precision: Precision,
    start: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weight [R, C] and bias [C] of the least mean cross-entropy + strength / 2 |W|^2."""
    from scipy.optimize import minimize  # noqa: PLC0415  listing studies needs no SciPy

    count, size = features.shape
    truth = np.zeros((count, classes))
    truth[np.arange(count), labels] = 1.0

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight, bias = flat[:-classes].reshape(size, classes), flat[-classes:]
        logs = _log_softmax(features @ weight + bias)
        value = -float((logs * truth).sum()) / count + strength / 2 * float((weight**2).sum())
        slope = (np.exp(logs) - truth) / count
        gradient = features.T @ slope + strength * weight
        return value, np.concatenate([gradient.ravel(), slope.sum(axis=0)])

    initial = np.zeros((size + 1, classes)) if start is None else start
    options = {**precision, "maxcor": 20}
    found = minimize(objective, initial.ravel(), jac=True, method="L-BFGS-B", options=options).x
    return found[:-classes].reshape(size, classes), found[-classes:]


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # type: ignore[no-any-return]
