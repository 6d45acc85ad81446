"""The archives that benchmarks/recommend_data.py reads: images and labels as arrays."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from recommend_tasks import CIFAR10, Pictures

PARTS = ("train", "test")
REPEATED = 0.95
"""Correlation of two thumbnails from which the images may be copies of one photograph.

Of 3,000 images, 67 are so alike to one of 40,000 others. Copies are among them, some shifted or
recoloured, and a few strangers; too many passed over costs nothing.
"""


class Cifar10:
    """The archive of JPEG copies; training images come first, then test images."""

    def __init__(self, archive: Path) -> None:
        self._jpeg: list[bytes] = []
        labels: list[int] = []
        with np.load(archive) as arrays:
            for part in PARTS:
                data, offset = arrays[f"{part}_jpeg"].tobytes(), arrays[f"{part}_offset"].tolist()
                self._jpeg += [data[a:b] for a, b in itertools.pairwise(offset)]
                labels += arrays[f"{part}_label"].tolist()
        self.labels = [CIFAR10[label] for label in labels]

    def pictures(self, rows: Sequence[int]) -> Pictures:
        """Return these images."""
        return np.stack([self._decoded(row) for row in rows])

    def unlike(self, rows: Sequence[int], others: Pictures, count: int) -> list[int]:
        """Return the first `count` of these rows that repeat none of the other images."""
        known = thumbnails(others).T
        kept: list[int] = []
        for start in range(0, len(rows), 500):
            block = rows[start : start + 500]
            alike = (thumbnails(self.pictures(block)) @ known).max(axis=1) > REPEATED
            kept += [row for row, repeated in zip(block, alike, strict=True) if not repeated]
            if len(kept) >= count:
                break
        return kept[:count]

    def _decoded(self, row: int) -> Pictures:
        return np.asarray(Image.open(io.BytesIO(self._jpeg[row])).convert("RGB"))


def thumbnails(pictures: Pictures) -> NDArray[np.float32]:
    """Return means of 4x4 pixels [N, 192], centred and of length 1: products are correlations."""
    count = len(pictures)
    means = pictures.reshape(count, 8, 4, 8, 4, 3).mean((2, 4), dtype=np.float32).reshape(count, -1)
    means -= means.mean(axis=1, keepdims=True)
    # One grey level a pixel at least, so that a plain image is like no other.
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 14))


def both_parts(
    archive: Path, pixels: str, label: str
) -> tuple[list[str], Pictures, NDArray[np.uint8]]:
    """Return names, RGB images of 32x32 pixels and labels: training images, then test images."""
    with np.load(archive) as arrays:
        parts = {part: (arrays[f"{part}_{pixels}"], arrays[f"{part}_{label}"]) for part in PARTS}
    names = [f"{part}_{n:04}" for part in PARTS for n in range(len(parts[part][1]))]
    images = np.concatenate([images for images, _ in parts.values()])
    return names, rgb32(images), np.concatenate([labels for _, labels in parts.values()])


def rgb32(images: NDArray[np.uint8]) -> Pictures:
    """Return [N, 3, 32, 32], or grey [N, 28, 28] with a black border, as [N, 32, 32, 3]."""
    if images.ndim == 4:
        return np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    border = (32 - images.shape[1]) // 2
    padded = np.pad(images, ((0, 0), (border, border), (border, border)))
    return np.repeat(padded[..., None], 3, axis=3)
