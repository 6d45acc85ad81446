"""A chunk of compositions: 64 images, rendered and put into small numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from taskspace.layout import codes
from taskspace_rooms.cache import ArrayFile
from taskspace_rooms.compositions.words import shown

if TYPE_CHECKING:
    from taskspace_rooms.renderer.render import Rendered

GENERATOR = 1
"""Raised whenever the same seed gives other compositions; independent of that of `rooms`."""
CHUNK = 64


def chunk_files(size: int) -> dict[str, ArrayFile]:
    """Return what a chunk of images of a size consists of."""
    return {"image": ArrayFile((CHUNK, 3, size, size), codes.IMAGE.dtype)}


def render_chunk(chunk: int, size: int, seed: int) -> dict[str, np.ndarray]:
    """Return the arrays of a chunk, as `chunk_files` declares them."""
    images = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    return {"image": codes.IMAGE.encode(rendered(images, size, seed).image.numpy())}


def rendered(images: Sequence[int], size: int, seed: int) -> Rendered:
    """Return pictures and exact labels of images; their object is instance 1."""
    from taskspace_rooms.compositions.scenes import scenes_of  # noqa: PLC0415
    from taskspace_rooms.compositions.stage import staged  # noqa: PLC0415
    from taskspace_rooms.renderer.render import render  # noqa: PLC0415  torch is for who renders, not for who lists

    pairs = shown(images, seed).tolist()
    stages = [
        staged(image, attribute, thing, seed)
        for image, (attribute, thing) in zip(images, pairs, strict=True)
    ]
    return render(scenes_of(stages), size)
