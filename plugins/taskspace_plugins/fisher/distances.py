"""Distances of task embeddings, as plain functions on arrays.

All take embeddings [A, F] and [B, F] and return [A, B] in float64. Filters that no task uses, 0 on
both sides, do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vectors = NDArray[np.float64]
ALPHA = 0.15
"""How much `asymmetric` counts the complexity of the first task (Achille et al. 2019, Sec. 3.2)."""


def cosine(first: Vectors, second: Vectors) -> Vectors:
    """Return 1 - cos(a, b); of 0 and anything else 1, of 0 and 0 nothing: 0."""
    one, other = _lengths(first)[:, None], _lengths(second)[None]
    nothing = (one == 0) & (other == 0)
    return _from_products(first @ second.T, one * other, nothing)


def symmetric_cosine(first: Vectors, second: Vectors) -> Vectors:
    """Return 1 - cos(a / (a + b), b / (a + b)) (Achille et al. 2019, Sec. 3.1).

    Dividing by the sum gives filters with small information the weight of those with large one, and
    leaves the distance as it is where both tasks are measured in another unit.
    """

    def pair(a: Vectors, b: Vectors) -> Vectors:
        share = np.divide(a, a + b, out=np.zeros_like(b), where=a + b > 0)
        rest = np.divide(b, a + b, out=np.zeros_like(b), where=a + b > 0)
        products = (share * rest).sum(axis=1)
        lengths = _lengths(share) * _lengths(rest)
        return _from_products(products, lengths, ~(a + b > 0).any(axis=1))

    return _by_row(pair, first, second)


def normalised_cosine(
    first: Vectors, second: Vectors, trivial_first: Vectors, trivial_second: Vectors
) -> Vectors:
    """Return the cosine distance of h / h0: precisions in units of the trivial task's, [A/B, F]."""
    return cosine(first / trivial_first, second / trivial_second)


def kl(first: Vectors, second: Vectors) -> Vectors:
    """Return KL(N(w, 1/a) || N(w, 1/b)) = 1/2 sum_f (b/a - 1 - log(b/a)) of precisions above 0."""

    def pair(a: Vectors, b: Vectors) -> Vectors:
        ratio = b / a
        return np.asarray((ratio - 1 - np.log(ratio)).sum(axis=1) / 2)

    return _by_row(pair, first, second)


def symmetric_kl(first: Vectors, second: Vectors) -> Vectors:
    """Return the mean of both directions of `kl`."""
    return (kl(first, second) + kl(second, first).T) / 2


def asymmetric(first: Vectors, second: Vectors, trivial: Vectors, alpha: float = ALPHA) -> Vectors:
    """Return d(a -> b) = d_sym(a, b) - alpha d_sym(a, t0) (Achille et al. 2019, Sec. 3.2).

    A model that was trained on a task far from the trivial one is a better start for others.

    Args:
        first: tasks that models were trained on [A, F].
        second: tasks that they shall serve [B, F].
        trivial: t0 of each of the first [A, F].
        alpha: 0 for the symmetric distance.
    """
    own = np.array([symmetric_cosine(a[None], t[None])[0, 0] for a, t in _rows(first, trivial)])
    return symmetric_cosine(first, second) - alpha * own[:, None]


def _lengths(rows: Vectors) -> Vectors:
    return np.asarray(np.linalg.norm(rows, axis=1), dtype=np.float64)


def _from_products(products: Vectors, lengths: Vectors, nothing: ArrayLike) -> Vectors:
    # Rounding takes the cosine of a vector and itself above 1.
    cosines = np.array(nothing, dtype=np.float64)
    np.divide(products, lengths, out=cosines, where=lengths > 0)
    return np.asarray(1 - np.clip(cosines, -1, 1))


def _by_row(
    pair: Callable[[Vectors, Vectors], Vectors], first: Vectors, second: Vectors
) -> Vectors:
    """Return rows of a function of [F] and [B, F] -> [B]: an array [A, B, F] is never made."""
    rows = [pair(row, second) for row in first]
    return np.array(rows, dtype=np.float64).reshape(len(first), len(second))


def _rows(first: Vectors, second: Vectors) -> Iterator[tuple[Vectors, Vectors]]:
    return zip(first, second, strict=True)
