"""Features and labels as scores compute with them, or an error that says what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from taskspace.components import LabelledFeatures
from taskspace.errors import InputError

LEAST = 2
"""Images of each class: what one image shows of its class cannot be told from noise."""
_SUM_TOLERANCE = 1e-2
"""By which the probabilities of an image may miss a sum of 1: half-precision softmaxes do."""


@dataclass(frozen=True)
class ClassedRows:
    """Rows of images with the number of each one's class.

    Attributes:
        rows: finite, not all equal, [N, D], float32 or float64.
        labels: in [0, C), [N]; numbers follow the order of the labels that were given.
        counts: images of each class [C], at least `LEAST`.
    """

    rows: NDArray[np.floating]
    labels: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def classes(self) -> int:
        """Return C."""
        return len(self.counts)

    def members(self) -> Iterator[NDArray[np.int64]]:
        """Yield the row numbers of each class."""
        order = np.argsort(self.labels, kind="stable")
        yield from np.split(order, np.cumsum(self.counts)[:-1])

    def class_sums(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the sum over each class of rows [N, K] of the same images, [C, K]."""
        return np.stack([rows[own].sum(axis=0, dtype=np.float64) for own in self.members()])


def classed_rows(rows: ArrayLike, labels: ArrayLike, score: str) -> ClassedRows:
    """Return features or probabilities [N, D] and labels [N] once they are found usable.

    Raises:
        InputError: if shapes do not fit, a number is NaN or infinite, all rows are equal, there is
            one class, or a class has one image.
    """
    where = f"score {score}"
    values, given = np.asarray(rows), np.asarray(labels)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    if values.ndim != 2 or given.shape != values.shape[:1] or 0 in values.shape:
        raise InputError(
            f"Found rows of shape {values.shape} and labels of shape {given.shape}.",
            where=where,
            advice="Give an array [N, D] and the class of each row [N].",
        )
    if given.dtype.kind not in "iu":
        raise InputError(
            f"Labels are {given.dtype}.", where=where, advice="Give class numbers as integers."
        )
    names, numbers, counts = np.unique(given, return_inverse=True, return_counts=True)
    if len(names) < 2:
        raise InputError(
            f"All {len(given)} images have the class {names[0]}.",
            where=where,
            advice="Add images of another class: a score compares classes.",
        )
    if counts.min() < LEAST:
        raise InputError(
            f"Class {names[counts.argmin()]} has one image ({len(given)} images of {len(names)} "
            "classes).",
            where=where,
            advice=f"Give at least {LEAST} images of each class, or leave the class out.",
        )
    low, high = values.min(axis=0), values.max(axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise InputError(
            f"Row {row} has a number that is NaN or infinite.",
            where=where,
            advice="Check the model's weights and the range of the images.",
        )
    if np.array_equal(low, high):
        raise InputError(
            f"All {len(values)} rows are equal.",
            where=where,
            advice="Check that the model's weights are loaded and that images differ.",
        )
    return ClassedRows(values, numbers.reshape(-1).astype(np.int64), counts.astype(np.int64))


def classed_probabilities(rows: ArrayLike, labels: ArrayLike, score: str) -> ClassedRows:
    """Return probabilities of source classes [N, Z] and labels [N] once they are found usable.

    Raises:
        InputError: as `classed_rows` does, and if a number is negative or a row does not sum to 1.
    """
    given = classed_rows(rows, labels, score)
    sums = given.rows.sum(axis=1, dtype=np.float64)
    wrong = (np.abs(sums - 1) > _SUM_TOLERANCE) | (given.rows.min(axis=1) < 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"Row {row} is no distribution: its sum is {sums[row]:.4g}, its least number "
            f"{given.rows[row].min():.4g}.",
            where=f"score {score}",
            advice="Give probabilities, the softmax of a classifier's logits.",
        )
    return given


def present_labels(data: LabelledFeatures, score: str) -> NDArray[np.int64]:
    """Return the labels of data in which every class occurs.

    Raises:
        InputError: if there are more classes than images, or a class has none.
    """
    where = f"score {score}"
    if data.classes > len(data.labels):
        raise InputError(
            f"There are {len(data.labels)} images of {data.classes} classes.",
            where=where,
            advice=f"Give at least {LEAST} images of each class.",
        )
    absent = np.setdiff1d(np.arange(data.classes), data.labels)
    if len(absent):
        raise InputError(
            f"Class {absent[0]} of {data.classes} has no image.",
            where=where,
            advice=f"Give at least {LEAST} images of each class, or leave the class out.",
        )
    return data.labels


def present_probabilities(data: LabelledFeatures, score: str) -> NDArray[np.floating]:
    """Return the probabilities of a model's own classes.

    Raises:
        InputError: if the model has no classifier.
    """
    if data.probabilities is None:
        raise InputError(
            "The model gives no probabilities.",
            where=f"score {score}",
            advice="Choose a score that reads features, or a model with a classifier.",
        )
    return data.probabilities
