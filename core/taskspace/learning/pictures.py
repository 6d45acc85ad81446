"""Stored pictures as the report's grids want them; reads no torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WIDEST = 128
"""Screen pixels of a picture's longer side; small ones are enlarged up to 8 times."""


def as_image(array: np.ndarray) -> np.ndarray:
    """Return [3, H, W], uint8 or in [0, 1], as [H, W, 3] in [0, 1]; what is no number is black."""
    scale = 255.0 if array.dtype == np.uint8 else 1.0
    image = np.nan_to_num(np.clip(array / scale, 0.0, 1.0)).astype(np.float32)
    return np.moveaxis(image, 0, -1)


def pixel_size(cells: Sequence[np.ndarray | str], widest: int = WIDEST) -> int:
    """Return how many screen pixels a pixel of the images [H, W, 3] gets, 1 to 8.

    Args:
        widest: screen pixels of an image's longer side.
    """
    sides = [max(cell.shape[:2]) for cell in cells if not isinstance(cell, str)]
    return min(8, max(1, widest // max(sides))) if sides else 1
