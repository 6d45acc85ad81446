"""How alike two labellings of the same images are, whatever their classes are called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

Ids = NDArray[np.int64]


def similarity(one: Ids, other: Ids) -> float:
    """Return the share of images on which two labellings agree, under the best naming of classes.

    For two classes each this is max(match, 1 - match) (Atanov et al. 2022, Sec. 4.2); for more the
    assignment problem is solved. Images with a missing label (-1) in either do not count.

    Args:
        one: class ids [N].
        other: class ids [N].

    Raises:
        InputError: if no image has both labels.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415  listing needs no SciPy

    both = (one >= 0) & (other >= 0)
    if not both.any():
        raise InputError("No image has a label in both of these labellings.")
    counts = np.zeros((one.max() + 1, other.max() + 1), dtype=np.int64)
    np.add.at(counts, (one[both], other[both]), 1)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / both.sum())


def similarity_matrix(labellings: list[Ids]) -> NDArray[np.float64]:
    """Return the similarity of every pair [T, T]; 1 on the diagonal."""
    count = len(labellings)
    found = np.ones((count, count))
    for row in range(count):
        for column in range(row):
            found[row, column] = found[column, row] = similarity(
                labellings[row], labellings[column]
            )
    return found
