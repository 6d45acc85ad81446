"""Labels from an array of words, or of ids and the names of their classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from taskspace.errors import DataError
from taskspace_plugins.datasets.folders._labels import LabelColumn, classes_of


def label_column(
    path: Path, name: str, values: np.ndarray, classes: np.ndarray | Sequence[str] | None
) -> LabelColumn:
    """Return the class ids of samples, and the names of the classes.

    Args:
        path: of the file, for errors.
        name: of the array.
        values: [N], words (classes are sorted, empty is missing) or whole numbers (negative is
            missing).
        classes: names of the ids; the numbers themselves where there are none.

    Raises:
        DataError: if it is neither, or an id has no name.
    """

    def wrong(what: str) -> DataError:
        return DataError(
            f"The labels {name!r} cannot be used: {what}.",
            where=str(path),
            advice="Save a word or the number of a class for each sample, and names of classes as "
            f"`{name}_classes` or in `class_names`.",
        )

    if values.ndim != 1:
        raise wrong(f"their shape is {values.shape}, not one label a sample")
    if values.dtype.kind == "U":
        return classes_of([str(word).strip() or None for word in values])
    if values.dtype.kind not in "iu":
        raise wrong(f"they are {values.dtype}, neither words nor whole numbers")
    ids = np.maximum(values.astype(np.int64), -1)
    names = _names(classes)
    if names is None:
        raise wrong(f"`{name}_classes` is no list of words")
    if not names:
        names = tuple(str(number) for number in range(int(ids.max(initial=-1)) + 1))
    if len(set(names)) < len(names):
        raise wrong("two classes have one name")
    if ids.max(initial=-1) >= len(names):
        raise wrong(f"the id {ids.max()}, and there are {len(names)} names of classes")
    if not names:
        raise wrong("every label is missing")
    return LabelColumn(ids, names)


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
