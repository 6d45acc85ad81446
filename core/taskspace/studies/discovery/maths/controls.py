"""Labels that nobody discovered: groups of known classes, and those of chance."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

Ids = NDArray[np.int64]


def balanced_labels(scores: NDArray[np.float64], classes: int, rows: Ids) -> Ids:
    """Return class ids [N, T] of scores [N, T]: as many images in each class of every task.

    Args:
        scores: of any rule, a column a task.
        classes: K, the same for all tasks.
        rows: of the images [n] whose quantiles are the borders; the others are put between them.

    Raises:
        InputError: if there are fewer images than classes.
    """
    if len(rows) < classes:
        raise InputError(f"{len(rows)} images cannot have {classes} classes.")
    shares = np.arange(1, classes) / classes
    borders = np.quantile(scores[rows], shares, axis=0)
    labels: Ids = (scores[:, None, :] > borders[None]).sum(axis=1).astype(np.int64)
    return labels


def grouped_labels(
    labels: Ids, present: int, classes: int, count: int, random: np.random.Generator
) -> Ids:
    """Return class ids [N, count]: the classes of a task thrown together into fewer at random.

    Groups have equally many classes, or one more; a task that has no more classes than are wanted
    stays as it is, once.

    Args:
        labels: class ids [N]; -1 is missing and stays so.
        present: how many classes the task has.
        classes: how many are wanted.
        count: how many groupings.
        random: what draws them.
    """
    if present <= classes:
        return labels[:, None].copy()
    columns = []
    for _ in range(count):
        groups = random.permutation(np.arange(present) % classes)
        columns.append(np.where(labels >= 0, groups[labels], -1))
    return np.stack(columns, axis=1)


def random_scores(images: int, tasks: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return scores [N, T] that no network can know of a new image."""
    return random.random((images, tasks))


def linear_scores(
    blocks: Iterable[NDArray[np.float32]], tasks: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Return the projections of images onto random directions, [N, T]; their means are 0.

    Args:
        blocks: images [n, ...], some at a time.
        tasks: T.
        random: what draws the directions.
    """
    directions: NDArray[np.float64] | None = None
    scores = []
    for block in blocks:
        flat = block.reshape(len(block), -1).astype(np.float64)
        if directions is None:
            directions = random.standard_normal((flat.shape[1], tasks))
        scores.append(flat @ directions)
    projected = np.concatenate(scores)
    centred: NDArray[np.float64] = projected - projected.mean(axis=0)
    return centred
