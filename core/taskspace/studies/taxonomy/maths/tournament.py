"""Win rates, affinities (Zamir et al. 2018, eq. 2), and the tree of tasks with like affinities."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import TaskspaceError

Normaliser = Literal["ahp", "bradley_terry", "win_rate"]

TIE = 1e-6
"""Losses that differ by less than this, relatively, are a tie: half a win each."""
CLIP = (0.001, 0.999)
"""The paper's smoothing of win rates before they are divided."""
BLOCK = 4096
"""Images that are compared at once: a row of comparisons stays in the cache."""


def beats(losses: NDArray[np.float32], opponent: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 where `losses` [..., N] are below `opponent` [N], 0.5 at ties, 0 above.

    NaN where either has no loss (a missing label).
    """
    below = losses < opponent - TIE * np.abs(opponent)
    above = opponent < losses - TIE * np.abs(losses)
    result = np.where(below, 1.0, np.where(above, 0.0, 0.5))
    missing = np.isnan(losses) | np.isnan(opponent)
    return np.where(missing, np.nan, result).astype(np.float32)


def win_rates(losses: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return W [C, C]: the share of images on which i's loss is below j's, ties half to each.

    Streams over the images; memory is O(C * BLOCK), work O(C^2 N) comparisons.

    Args:
        losses: [C, N], finite on every image; i is below j where i < j - TIE |j|.
    """
    competitors, images = losses.shape
    if not images:
        raise TaskspaceError("No image is left to compare on: every label is missing.")
    wins = np.zeros((competitors, competitors), dtype=np.int64)
    for start in range(0, images, BLOCK):
        block = np.ascontiguousarray(losses[:, start : start + BLOCK], dtype=np.float32)
        shrunk = block - np.float32(TIE) * np.abs(block)
        for i in range(competitors):
            below = np.packbits(block[i] < shrunk, axis=1)
            padded = _words(below)
            wins[i] += np.bitwise_count(padded).sum(axis=1, dtype=np.int64)
    # i < j and j < i exclude each other; what is neither is a tie.
    rates: NDArray[np.float64] = 0.5 + (wins - wins.T) / (2.0 * images)
    return rates


def _words(packed: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return bytes [C, b] as 64-bit words [C, ceil(b / 8)], zero-padded."""
    short = -packed.shape[1] % 8
    if short:
        packed = np.pad(packed, ((0, 0), (0, short)))
    return np.ascontiguousarray(packed).view(np.uint64)


def affinities(rates: NDArray[np.float64], normaliser: Normaliser = "ahp") -> NDArray[np.float64]:
    """Return each competitor's affinity [C], positive, of sum 1, from win rates [C, C].

    They compare within one tournament only: adding a competitor can reverse the order of others
    (AHP is known for it).

    Args:
        rates: W with W + W^T = 1.
        normaliser: `ahp`, the principal eigenvector of W' = W / W^T after clipping W; or
            `bradley_terry`, the strengths that make W likeliest; or `win_rate`, its row means.
    """
    if len(rates) == 1:
        return np.ones(1)
    clipped = np.clip(rates, *CLIP)
    match normaliser:
        case "ahp":
            strength = _principal_eigenvector(clipped / clipped.T)
        case "bradley_terry":
            strength = _bradley_terry(clipped)
        case "win_rate":
            strength = (clipped.sum(axis=1) - 0.5) / (len(clipped) - 1)
    normalised: NDArray[np.float64] = strength / strength.sum()
    return normalised


def _principal_eigenvector(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power iteration: the matrix is positive, so the vector is real and positive (Perron)."""
    vector = np.full(len(matrix), 1.0 / len(matrix))
    for _ in range(10_000):
        following: NDArray[np.float64] = matrix @ vector
        following /= following.sum()
        if np.abs(following - vector).max() <= 1e-14:
            return following
        vector = following
    return vector


def _bradley_terry(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minorise-maximise (Hunter 2004, eq. 3) with one game between each pair."""
    off_diagonal = ~np.eye(len(rates), dtype=bool)
    won = (rates * off_diagonal).sum(axis=1)
    strength = np.full(len(rates), 1.0 / len(rates))
    for _ in range(10_000):
        shared = off_diagonal / (strength[:, None] + strength[None, :])
        following: NDArray[np.float64] = won / shared.sum(axis=1)
        following /= following.sum()
        if np.abs(following - strength).max() <= 1e-14:
            return following
        strength = following
    return strength


def similarity_tree(matrix: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """Return the merges of agglomerative clustering of sources by their affinities to all targets.

    Average linkage on 1 - correlation of log-affinities (Zamir et al. 2018, Fig. 13, clusters
    tasks by their columns of the affinity matrix).

    Args:
        matrix: affinities [sources, targets], positive; NaN where there is no transfer (a source to
            itself).

    Returns:
        (a, b, height) as SciPy's linkage: cluster n + k joins a and b.
    """
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415  half a second to import

    if len(matrix) < 2:
        return []
    logs = np.log(np.clip(matrix, 1e-12, None))
    logs = np.where(np.isnan(logs), np.nanmean(logs, axis=0, keepdims=True), logs)
    logs = logs - logs.mean(axis=0, keepdims=True)
    norms = np.linalg.norm(logs, axis=1, keepdims=True)
    unit = logs / np.where(norms > 0, norms, 1.0)
    distance = np.clip(1.0 - unit @ unit.T, 0.0, 2.0)
    condensed = distance[np.triu_indices(len(unit), k=1)]
    tree = linkage(condensed, method="average")
    return [(int(a), int(b), float(height)) for a, b, height, _ in tree]
