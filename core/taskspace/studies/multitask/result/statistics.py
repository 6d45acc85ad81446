"""What schemes are worth beside each other, and which tasks share experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def dominated_by(
    points: Mapping[str, tuple[float, float]], *, rising: bool
) -> dict[str, str | None]:
    """Return for each scheme the one that beats it in both cost and score, or None.

    A scheme dominates another if it is nowhere worse and somewhere better; of several, the one
    of the best score is named.

    Args:
        points: (cost, score) of each scheme.
        rising: whether a higher score is better.
    """
    sign = 1.0 if rising else -1.0

    def beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
        cheaper, better = other[0] - one[0], sign * (one[1] - other[1])
        return min(cheaper, better) >= 0 and max(cheaper, better) > 0

    found: dict[str, str | None] = {}
    for name, point in points.items():
        better = [other for other, rival in points.items() if beats(rival, point)]
        found[name] = max(better, key=lambda other: (sign * points[other][1], other), default=None)
    return found


def task_similarity(probabilities: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the correlation of tasks by the gate probabilities of all layers [N, N].

    NaN where a task's probabilities are all alike: then nothing can be said (Yan 2020, Fig. 3.3).

    Args:
        probabilities: [N, M] a layer.
    """
    table = np.concatenate([np.asarray(p, dtype=np.float64) for p in probabilities], axis=1)
    centred = table - table.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1)
    # Sums of equal numbers leave a remainder that is no difference.
    known = norm > 1e-6 * np.linalg.norm(table, axis=1)
    unit = centred / np.where(known, norm, 1.0)[:, None]
    similarity: NDArray[np.float64] = np.clip(unit @ unit.T, -1.0, 1.0)
    similarity[~known, :] = np.nan
    similarity[:, ~known] = np.nan
    return similarity
