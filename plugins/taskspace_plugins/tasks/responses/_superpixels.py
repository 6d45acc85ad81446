"""Graph-based superpixels (Felzenszwalb and Huttenlocher 2004)."""

from __future__ import annotations

import numpy as np

SIDE = 64
"""The side of an image in pixels at which `scale` is the paper's k."""


def superpixels(image: np.ndarray, scale: float, sigma: float, min_size: float) -> np.ndarray:
    """Return the segment of each pixel: int64 [H, W], numbered from 0.

    The paper takes k = 150 for sides of 128 pixels and 300 for 320x240, which is in proportion to
    the side.

    Args:
        image: [H, W, C] in [0, 1], of any number of channels.
        scale: k at a side of 64 pixels; the larger, the larger the segments.
        sigma: deviation in pixels of the blur before.
        min_size: of a segment, as a share of the image; smaller ones join their nearest neighbour.
    """
    # Importing it takes a while, and most of what imports this module never segments.
    from skimage.segmentation import felzenszwalb  # noqa: PLC0415

    height, width = image.shape[:2]
    ids = felzenszwalb(
        image.astype(np.float64),
        scale=scale * float(np.sqrt(height * width)) / SIDE,
        sigma=sigma,
        min_size=max(1, round(min_size * height * width)),
        channel_axis=-1,
    )
    return np.asarray(ids, dtype=np.int64)
