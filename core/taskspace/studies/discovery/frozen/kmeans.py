"""K-means on frozen codes: the labels that cost nothing, beside which others are read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

ROUNDS = 100
"""Of Lloyd's algorithm, at most."""


def kmeans_labelling(
    codes: NDArray[np.floating], classes: int, *, starts: int, seed: int
) -> NDArray[np.int64]:
    """Return the cluster of each image [N] of the start with the least inertia.

    Starts are k-means++ (Arthur and Vassilvitskii 2007).

    Args:
        codes: [N, D], as they are: scale and reduce them before.
        classes: clusters.
        starts: how often all begins anew.
        seed: of the starts.

    Raises:
        InputError: if there are fewer images than clusters, or a number is not finite.
    """
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415  listing needs no SciPy

    values = codes.astype(np.float64)
    if not 1 <= classes <= len(values) or not np.isfinite(values).all():
        raise InputError(
            f"{classes} clusters need as many images with finite codes; there are {len(values)} "
            f"images, {int(np.isfinite(values).all(axis=1).sum())} of them finite.",
            advice="Ask for fewer clusters, or leave images out.",
        )
    draw = np.random.default_rng(seed)
    least, labels = np.inf, np.zeros(len(values), dtype=np.int64)
    for _ in range(starts):
        centres, own = kmeans2(values, classes, iter=ROUNDS, minit="++", rng=draw)
        inertia = float(np.square(values - centres[own]).sum())
        if inertia < least:
            least, labels = inertia, own.astype(np.int64)
    return labels
