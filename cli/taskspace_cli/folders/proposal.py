"""Which tasks a job can have on the labels of a dataset, in the units that networks learn."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from taskspace.components import JSON, Field

RESOLVED = 1e-5
"""Of the largest number: a smaller deviation is little more than the rounding of 32-bit numbers."""

SMALLEST, LARGEST = 1e-30, 1e30
"""Of deviations and numbers: networks compute the square of a difference in 32 bits."""

FEWEST_OF_A_CLASS = 4
"""Images of a class that can stand in each of the four splits."""

_LONGEST_NAME = 60


@dataclass(frozen=True)
class LabelTasks:
    """The tasks on the labels that are there.

    Attributes:
        tasks: as they stand in a job: `{use, field, as, ..., label_cost}`.
        left_out: field to the reason why it has no task.
    """

    tasks: tuple[Mapping[str, JSON], ...]
    left_out: Mapping[str, str]


def propose(
    fields: Mapping[str, Field], labels: Mapping[str, np.ndarray], taken: Collection[str] = ()
) -> LabelTasks:
    """Return a classification for each field of classes and a regression for each of numbers.

    The offset of a regression is the mean of the labels to a hundredth of their standard deviation,
    its scale the deviation to three digits, so targets have mean 0 and deviation 1. Fields with
    more than one value an image (maps, masks) have no task here.

    Args:
        fields: of the dataset.
        labels: field to labels [N]: numbers, NaN for missing, or class ids, -1 for missing.
        taken: names that other tasks of the job have.
    """
    tasks: list[Mapping[str, JSON]] = []
    left_out: dict[str, str] = {}
    names = set(taken)
    for field, values in labels.items():
        classes = fields[field].classes
        known = values[labelled(values)]
        reason = no_numbers(known) if classes is None else no_classes(known, classes)
        if reason is not None:
            left_out[field] = reason
            continue
        name = _unused(plain_name(field, "field"), names)
        names.add(name)
        units = _units(known) if classes is None else {}
        use = "regression" if classes is None else "classification"
        tasks.append({"use": use, "field": field, "as": name, **units, "label_cost": 1})
    return LabelTasks(tuple(tasks), left_out)


def labelled(values: np.ndarray) -> np.ndarray:
    """Return which labels [N] are there."""
    present: np.ndarray = np.isfinite(values) if values.dtype.kind == "f" else values >= 0
    return present


def no_classes(ids: np.ndarray, classes: Collection[str]) -> str | None:
    """Return why labels [n] are nothing to classify; None where they are."""
    if not len(ids):
        return "no image has a label"
    distinct = np.unique(ids)
    if len(distinct) == 1:
        return f"all its labels are {json.dumps(list(classes)[distinct[0]])}"
    if len(distinct) == len(ids):
        return "no two images have the same label"
    if len(distinct) - len(rare_classes(ids, classes)) < 2:
        return f"fewer than two of its classes have {FEWEST_OF_A_CLASS} images"
    return None


def rare_classes(ids: np.ndarray, classes: Collection[str]) -> list[str]:
    """Return the classes among labels [n] that have too few images to stand in every split."""
    names = list(classes)
    numbers, counts = np.unique(ids, return_counts=True)
    return [
        names[number]
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        if count < FEWEST_OF_A_CLASS
    ]


def no_numbers(numbers: np.ndarray) -> str | None:
    """Return why labels [n] are nothing to regress; None where they are."""
    if not len(numbers):
        return "no image has a label"
    if numbers.min() == numbers.max():
        return f"all its labels are {numbers[0]:g}"
    largest, deviation = float(np.abs(numbers).max()), _deviation(numbers)
    if deviation < SMALLEST or largest > LARGEST:
        return "its numbers are too small or too large for 32 bits; write them in another unit"
    # Numbers that 32 bits would merge are float64; regression subtracts the offset first.
    if numbers.dtype == np.float32 and deviation < RESOLVED * largest:
        return "its numbers vary too little for 32-bit precision; subtract their mean"
    return None


def plain_name(text: str, fallback: str) -> str:
    """Return `text` as jobs and tasks can be called: ASCII letters, digits, `.`, `_` and `-`."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9.-]+", "_", ascii_text)[:_LONGEST_NAME]
    return words.strip("._-") or fallback


def _unused(name: str, names: Collection[str]) -> str:
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{name}_{number}"
    return free


def _units(numbers: np.ndarray) -> dict[str, JSON]:
    """Return offset and scale of a regression."""
    scale = float(f"{_deviation(numbers):.3g}")
    digits = 2 - math.floor(math.log10(scale))
    # Adding 0 turns -0.0 into 0.0.
    offset = round(float(numbers.mean(dtype=np.float64)), digits) + 0.0
    return {"offset": offset, "scale": scale}


def _deviation(numbers: np.ndarray) -> float:
    return float(numbers.std(dtype=np.float64))
