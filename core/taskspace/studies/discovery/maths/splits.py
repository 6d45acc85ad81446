"""Splits of a target's images into two halves: by a rule that may fool a network, or by chance.

All are balanced the same way: within every class of the target a share of the images is for
training, so that no rule changes how often a class is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Halves:
    """Rows to learn from and rows to test on; every row with a label is in one of them."""

    train: Ids
    test: Ids


def split_by_scores(labels: Ids, scores: Scores, share: float = 0.5) -> Halves:
    """Return the split that makes a score a shortcut to a target of two or more classes.

    Within even classes the images of the highest scores are trained on, within odd classes those
    of the lowest, and the others are tested: on the training half class and score go together, on
    the other half the opposite holds (Atanov et al. 2022, Sec. 6, class-balanced: the border is
    the quantile within the class). Equal scores are taken in the order of their rows.

    Args:
        labels: of the target, class ids [N]; rows with -1 are in neither part.
        scores: of any rule [N]: logits of a discovered task, of a random network.
        share: of each class that is trained on.

    Raises:
        InputError: if a class has too few images for both parts, or a score is not finite.
    """
    if not np.isfinite(scores[labels >= 0]).all():
        raise InputError("A score that splits images is not finite.")
    return _ranked(labels, np.where(labels % 2 == 0, -scores, scores), share)


def split_by_loss(labels: Ids, losses: Scores, share: float = 0.5) -> Halves:
    """Return the split that tests on the images of highest loss, within every class.

    Args:
        labels: of the target, class ids [N]; rows with -1 are in neither part.
        losses: of each image [N], under a network that has not learnt from it.
        share: of each class that is trained on.

    Raises:
        InputError: if a class has too few images for both parts, or a loss is not finite.
    """
    if not np.isfinite(losses[labels >= 0]).all():
        raise InputError("A loss that splits images is not finite.")
    return _ranked(labels, losses, share)


def split_at_random(labels: Ids, share: float, random: np.random.Generator) -> Halves:
    """Return a split by chance, within every class.

    Raises:
        InputError: if a class has too few images for both parts.
    """
    return _ranked(labels, random.random(len(labels)), share)


def _ranked(labels: Ids, keys: Scores, share: float) -> Halves:
    """Train on the share of each class with the lowest keys."""
    train, test = [], []
    for label in np.unique(labels[labels >= 0]):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(keys[rows], kind="stable")]
        taken = round(share * len(rows))
        if not 0 < taken < len(rows):
            count = f"{len(rows)} image{'' if len(rows) == 1 else 's'}"
            raise InputError(
                f"Class {label} has {count}, too few for a split at {share:g}.",
                advice="Every class needs an image in both halves: add images, leave the class "
                "out, or choose another share.",
            )
        train.append(rows[:taken])
        test.append(rows[taken:])
    if not train:
        raise InputError("No image has a label, so there is nothing to split.")
    return Halves(np.sort(np.concatenate(train)), np.sort(np.concatenate(test)))
