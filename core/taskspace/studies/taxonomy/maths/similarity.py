"""The task similarity tree: tasks that are good for the same targets stand together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def similarity_tree(
    affinities: NDArray[np.float64],
) -> list[tuple[int, int, float]]:
    """Return the merges of agglomerative clustering of sources by their affinities to all targets.

    Average linkage on 1 - correlation of log-affinities (Zamir et al. 2018, Fig. 13, clusters
    tasks by their columns of the affinity matrix).

    Args:
        affinities: [sources, targets], positive; NaN where there is no transfer (a source to
            itself).

    Returns:
        (a, b, height) as SciPy's linkage: cluster n + k joins a and b.
    """
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415  half a second to import

    if len(affinities) < 2:
        return []
    logs = np.log(np.clip(affinities, 1e-12, None))
    logs = np.where(np.isnan(logs), np.nanmean(logs, axis=0, keepdims=True), logs)
    logs = logs - logs.mean(axis=0, keepdims=True)
    norms = np.linalg.norm(logs, axis=1, keepdims=True)
    unit = logs / np.where(norms > 0, norms, 1.0)
    distance = np.clip(1.0 - unit @ unit.T, 0.0, 2.0)
    condensed = distance[np.triu_indices(len(unit), k=1)]
    tree = linkage(condensed, method="average")
    return [(int(a), int(b), float(height)) for a, b, height, _ in tree]
