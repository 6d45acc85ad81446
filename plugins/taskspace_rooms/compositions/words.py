"""The words of compositions, and which of them each image shows; light, so that listing is fast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace_rooms.furnishing.draw import Draw

ATTRIBUTES = (
    "wooden",
    "striped",
    "checkered",
    "tiled",
    "brick",
    "marble",
    "granite",
    "leather",
    "metal",
    "golden",
    "red",
    "blue",
    "green",
    "yellow",
)

OBJECTS = (
    "chair",
    "stool",
    "sofa",
    "bed",
    "table",
    "desk",
    "shelf",
    "cabinet",
    "lamp",
    "vase",
    "bowl",
    "ball",
    "box",
    "barrel",
    "bathtub",
    "toilet",
)

PAIRS = tuple((attribute, thing) for attribute in ATTRIBUTES for thing in OBJECTS)
ORDER, IMAGE = 0, 1
"""What a stream of random numbers is for."""


def shown(images: Sequence[int], seed: int) -> np.ndarray:
    """Return what images show: int64 [N, 2], indices into `ATTRIBUTES` and `OBJECTS`.

    Images are numbered from 0. Each round of as many images as there are pairs shows all of them
    in a random order, so that the first n images show every pair equally often up to one.
    """
    rounds = {image // len(PAIRS) for image in images}
    orders = {
        number: Draw(seed, ORDER, number).shuffled(range(len(PAIRS))) for number in sorted(rounds)
    }
    pairs = [orders[image // len(PAIRS)][image % len(PAIRS)] for image in images]
    return np.array([divmod(pair, len(OBJECTS)) for pair in pairs], np.int64).reshape(-1, 2)
