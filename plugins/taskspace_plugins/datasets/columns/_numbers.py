"""Labels that are numbers: as float32 where that keeps their differences, else as float64."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from taskspace_plugins.datasets.columns._column import LabelColumn, whole_classes
from taskspace_plugins.datasets.columns._precision import span_of

LARGEST = float(np.finfo(np.float32).max)


def whole_numbers(numbers: Sequence[int | None], classes: LabelColumn) -> LabelColumn:
    """Return labels that are whole numbers, and `classes` of the same; None is missing."""
    values = np.array([math.nan if number is None else number for number in numbers], np.float64)
    span = span_of(values, numbers)
    narrow = values if span is not None else values.astype(np.float32)
    return LabelColumn(narrow, None, as_classes=classes, span=span)


def fractions(values: np.ndarray, no_classes: str) -> LabelColumn:
    """Return labels float64 [N], NaN for missing, that are no classes, and why."""
    span = span_of(values)
    narrow = values if span is not None else values.astype(np.float32)
    return LabelColumn(narrow, None, no_classes=no_classes, span=span)


def numbers_of(values: np.ndarray, array: str) -> LabelColumn:
    """Return the labels of an array float64 [N], finite or NaN for missing; one is there at least.

    Args:
        values: the array.
        array: what errors call it.
    """
    present = ~np.isnan(values)
    parts = np.flatnonzero(present & (values != np.floor(values)))
    if len(parts):
        first = int(parts[0])
        what = f"sample {first} {array} has {values[first]:g}, which is no whole number"
        return fractions(values, what)
    numbers = [int(one) if there else None for one, there in zip(values, present, strict=True)]
    return whole_numbers(numbers, whole_classes(numbers))
