"""Pictures of toy_page.py: tasks as tiles, and matrices."""

from __future__ import annotations

import numpy as np
from last_layer_fisher import Array
from scipy.optimize import linear_sum_assignment
from square_tasks import SIDE, Labels
from toy_measures import Embedded

NEGATIVE, POSITIVE = (0.93, 0.79, 0.55), (0.16, 0.36, 0.58)
"""Colours of the two classes; they differ in lightness, too."""
GAP = 4
"""Pixels between tiles."""


def mosaic(family: Embedded) -> Array:
    """Return the tiles on a grid [H, W, 3], in [0, 1]."""
    count = len(family.tasks)
    side = int(np.ceil(np.sqrt(count)))
    low, high = family.places.min(0), family.places.max(0)
    at = (family.places - low) / (high - low) * (side - 1)
    squares = np.stack(np.meshgrid(range(side), range(side)), axis=-1).reshape(-1, 2)
    _, chosen = linear_sum_assignment(((at[:, None] - squares[None]) ** 2).sum(2))
    step = SIDE + GAP
    canvas = np.ones((side * step - GAP, side * step - GAP, 3))
    for task, square in enumerate(chosen):
        x, y = squares[square] * step
        canvas[y : y + SIDE, x : x + SIDE] = tile(family.tasks[task])
    return canvas


def tile(labels: Labels) -> Array:
    """Return a task as a picture [SIDE, SIDE, 3]."""
    return np.where(labels.reshape(SIDE, SIDE, 1), POSITIVE, NEGATIVE)


def enlarged(matrix: Array) -> Array:
    """Return a matrix [10, 10] as a picture whose side is a tile's, nearly."""
    return np.repeat(np.repeat(matrix, 3, axis=0), 3, axis=1)
