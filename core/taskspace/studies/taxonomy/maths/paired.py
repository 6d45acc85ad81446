"""Two competitors on the same images and seeds: win rates and differences of win rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taskspace.learning.statistics import mean_interval
from taskspace.studies.taxonomy.maths.tournament import beats


def paired_beats(losses: NDArray[np.float32], opponent: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the beats [S, N] of losses [S, N], each repetition against its own opponent."""
    return np.stack([beats(*pair) for pair in zip(losses, opponent, strict=True)])


def difference_interval(
    first: NDArray[np.float32], second: NDArray[np.float32], seed: int
) -> list[float] | None:
    """Return [mean, low, high] of the paired differences of two win rates, from -1 to 1.

    Each image and seed is compared with itself; the interval is that of `mean_interval`, of which
    the differences d are the shares (1 + d) / 2.

    Args:
        first: win rates in [0, 1], [seeds, targets, N]; NaN without a label.
        second: likewise, of the same targets and images.
        seed: of the bootstrap over images.
    """
    found = mean_interval((1.0 + first - second) / 2.0, seed)
    return None if found is None else [2.0 * value - 1.0 for value in found]
