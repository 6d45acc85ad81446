"""Which labelled images a model is judged with: the same ones for every model and method."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from taskspace.components import Call
from taskspace.errors import CellError
from taskspace.learning.examples import head_of, image_shape, labelled, targets_of
from taskspace.learning.splits import call_split


def labels_of(call: Call, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the classes of some samples of the call's task [n]."""
    targets = targets_of(call, rows)
    labels: NDArray[np.int64] = targets[torch.arange(len(rows))].cpu().numpy().astype(np.int64)
    return labels


def drawn_rows(call: Call, images: int, seed: int) -> NDArray[np.int64]:
    """Return the sorted samples that a model is judged with: `images` of those that may train.

    Every class of the task that has so many has at least two; the rest are drawn as they come.

    Raises:
        CellError: if too few images have the label, or they are all of one class.
    """
    pool = call_split(call).train
    pool = pool[labelled(call)[pool]]
    if len(pool) < images:
        raise CellError(
            f"{images} labelled images were asked for, and the part that may train has "
            f"{len(pool)}.",
            where=call.name,
            advice="Ask for fewer (`images:`), or give a smaller share to `test`.",
        )
    labels = labels_of(call, pool)
    present = np.unique(labels)
    if len(present) < 2:
        raise CellError(
            "All labelled images of the part that may train are of one class.",
            where=call.name,
            advice="Leave the task out, or label images of another class.",
        )
    order = np.random.default_rng([seed, images]).permutation(len(pool))
    place = np.empty(len(pool), dtype=np.int64)
    for own in present:
        members = order[labels[order] == own]
        place[members] = np.arange(len(members))
    # The first two of every class come first, in the order of the draw.
    ranks = np.lexsort((np.argsort(order), place >= 2))
    if 2 * len(present) > images:
        raise CellError(
            f"{images} images cannot hold two of each of {len(present)} classes.",
            where=call.name,
            advice=f"Ask for at least {2 * len(present)} (`images:`), or merge classes.",
        )
    return np.sort(pool[ranks[:images]])


def tested_rows(call: Call) -> NDArray[np.int64]:
    """Return the labelled samples on which errors are measured.

    Raises:
        CellError: if there is none.
    """
    every = call_split(call).test
    tests: NDArray[np.int64] = every[labelled(call)[every]]
    if not len(tests):
        raise CellError(
            "No image of the part that tests has a label.",
            where=call.name,
            advice="Label some, or leave the task out.",
        )
    return tests


def classes_of(call: Call) -> int:
    """Return how many classes the call's task has."""
    classes: int = head_of(call).shape(image_shape(call))[0]
    return classes
