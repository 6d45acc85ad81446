"""Whole numbers for dense maps: what a pixel of a file says, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_CLASSES = 255
"""How many classes there can be in a semantic map; 0 is missing."""
MISSING_SEGMENT = 65535
"""What a 16-bit segment map says where there is no segment."""


@dataclass(frozen=True)
class PixelCode:
    """value = (code - zero) / steps.

    Attributes:
        dtype: `uint8` or `uint16`.
        steps: codes for each unit of the value.
        zero: the code of 0.
        largest: the largest code of a value; values beyond it are clipped.
        missing: the code that says, in all channels of a pixel, that there is no value.
        slack: how far a channel may be from `missing` and still say so.
    """

    dtype: str
    steps: float
    zero: int
    largest: int
    missing: int | None = None
    slack: int = 0

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the codes [..., C, H, W] of values, to the nearest; a pixel with NaN is missing.

        Raises:
            ValueError: if a value is NaN and no code says so.
        """
        gone = np.isnan(values)
        if self.missing is None and gone.any():
            raise ValueError("It has pixels without a value, which these files cannot say.")
        known = np.where(gone, 0.0, values)
        codes = np.rint(known * self.steps + self.zero).clip(0, self.largest).astype(self.dtype)
        if self.missing is not None and gone.any():
            pixels = np.broadcast_to(gone.any(axis=-3, keepdims=True), codes.shape)
            codes[pixels] = self.missing
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the values float32 [..., C, H, W] of codes; NaN is missing."""
        values = (codes.astype(np.float32) - np.float32(self.zero)) / np.float32(self.steps)
        if self.missing is not None:
            near = np.abs(codes.astype(np.int32) - self.missing) <= self.slack
            values = np.where(near.all(axis=-3, keepdims=True), np.float32(np.nan), values)
        return values


IMAGE = PixelCode("uint8", 255, 0, 255)
DEPTH = PixelCode("uint16", 512, 0, 65534, missing=65535)
"""1/512 m, up to 128 m."""
NORMALS = PixelCode("uint8", 127, 127, 255, missing=127, slack=1)
"""A pixel of no direction (127 or 128 three times) is one without a surface."""
CURVATURE = PixelCode("uint8", 16, 127, 254, missing=255)
"""The official files say where zero is and not how long a step is; ours is 1/16 per metre."""
HEAT = PixelCode("uint16", 65535, 0, 65535)
SHADING = PixelCode("uint8", 255, 0, 255)


def encode_classes(ids: np.ndarray) -> np.ndarray:
    """Return uint8 codes of class ids, -1 for missing: 0 is missing, class k is k + 1."""
    return (ids + 1).astype(np.uint8)


def decode_classes(codes: np.ndarray) -> np.ndarray:
    """Return class ids int64 of codes; -1 is missing."""
    return codes.astype(np.int64) - 1
