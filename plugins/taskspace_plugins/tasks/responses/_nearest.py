"""Values for pixels that have none."""

from __future__ import annotations

import numpy as np


def filled(values: np.ndarray) -> np.ndarray:
    """Return [C, H, W] with the nearest pixel that has all values where one is NaN.

    0 everywhere if there is no such pixel.
    """
    missing = np.isnan(values).any(axis=0)
    if missing.all():
        return np.zeros_like(values)
    if not missing.any():
        return values
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415  slow to import

    nearest = distance_transform_edt(missing, return_distances=False, return_indices=True)
    found: np.ndarray = values[:, nearest[0], nearest[1]]
    return found
