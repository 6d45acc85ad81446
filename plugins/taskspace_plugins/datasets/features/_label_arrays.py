"""Labels from an array of words, of numbers, or of ids and the names of their classes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from taskspace.components import Finding
from taskspace.errors import DataError
from taskspace.tables import is_missing
from taskspace_plugins.datasets.columns._column import LabelColumn, classes_of, whole_classes
from taskspace_plugins.datasets.columns._numbers import LARGEST, numbers_of, whole_numbers

MOST_NAMES = 1 << 20
"""Ids below are named 0, 1, ... without a gap; of larger ones, those that are there."""


def label_column(
    path: Path,
    name: str,
    values: np.ndarray,
    classes: np.ndarray | Sequence[str] | None,
    *,
    words: bool = False,
) -> LabelColumn:
    """Return the labels of samples: class ids, or numbers, of which whole ones are classes as well.

    Args:
        path: of the file, for errors.
        name: of the array.
        values: [N], words (classes are sorted, empty is missing), whole numbers (negative is
            missing), or floating-point numbers (NaN is missing).
        classes: names of ids; numbers with names are classes and nothing else.
        words: whether numbers without names are classes and nothing else, too.

    Raises:
        DataError: if it is none of these, or an id has no name.
    """

    def wrong(what: str) -> DataError:
        return DataError(
            f"The labels {name!r} cannot be used: {what}.",
            where=str(path),
            advice="Save a word or a number for each sample, and names of classes as "
            f"`{name}_classes` or in `class_names`.",
        )

    if values.ndim != 1:
        raise wrong(f"their shape is {values.shape}, not one label a sample")
    if values.dtype.kind == "U":
        return classes_of([str(word).strip() or None for word in values], "its labels are words")
    if values.dtype.kind not in "biuf":
        raise wrong(f"they are {values.dtype}, neither words nor numbers")
    names = _names(classes)
    if names is None:
        raise wrong(f"`{name}_classes` is no list of words")
    if values.dtype.kind == "f" and (fault := _unusable(values, ids=bool(names or words))):
        raise wrong(fault)
    if values.dtype.kind == "f" and not names and not words:
        return numbers_of(values.astype(np.float64), f"of {name!r}")
    # NaN is not at least 0 either.
    numbers = [int(number) if number >= 0 else None for number in values]
    largest = max((number for number in numbers if number is not None), default=-1)
    if largest < 0 and not names:
        raise wrong("every label is missing")
    if len(set(names)) < len(names):
        raise wrong("two classes have one name")
    if names and largest >= len(names):
        raise wrong(f"the id {largest}, and there are {len(names)} names of classes")
    own = _classes(numbers, largest, names)
    return own if names or words else whole_numbers(numbers, own)


def missing_words(name: str, column: LabelColumn) -> Iterator[Finding]:
    """Yield which classes of an array are words that usually stand for a missing label."""
    classes = enumerate(column.classes or ())
    counts = {word: int((column.values == n).sum()) for n, word in classes if is_missing(word)}
    if counts:
        listed = ", ".join(f"{word} ({count:,})" for word, count in counts.items())
        yield Finding(
            "labels-missing-words",
            "warning",
            f"Classes of {name!r} are words that usually stand for a missing label: {listed}. "
            "Save an empty word where a label is missing.",
        )


def _unusable(values: np.ndarray, *, ids: bool) -> str:
    """Return why floating-point numbers [N] are no labels, nothing where they are."""
    present = ~np.isnan(values)
    if not present.any():
        return "every label is missing"
    if not (np.abs(values[present]) <= LARGEST).all():
        return "some are infinite or too large for a 32-bit number"
    parts = np.flatnonzero(present & (values != np.floor(values)))
    if not ids or not len(parts):
        return ""
    return f"sample {parts[0]} has {values[parts[0]]:g}, which is no id of a class"


def _classes(numbers: Sequence[int | None], largest: int, names: tuple[str, ...]) -> LabelColumn:
    if not names and largest >= MOST_NAMES:
        return whole_classes(numbers)
    ids = np.array([-1 if number is None else number for number in numbers], dtype=np.int64)
    return LabelColumn(ids, names or tuple(map(str, range(largest + 1))))


def _names(classes: np.ndarray | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return names of classes; empty where none are said, None where it is something else."""
    if classes is None:
        return ()
    listed: object = classes.tolist() if isinstance(classes, np.ndarray) else list(classes)
    if isinstance(listed, str):  # of safetensors, whose metadata are words
        try:
            listed = json.loads(listed)
        except ValueError:
            return None
    if not isinstance(listed, list) or not all(isinstance(n, str) and n.strip() for n in listed):
        return None
    return tuple(listed) or None
