"""Inputs of a cell that looks at all repetitions: one of a name for each of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Stored


def repeated(name: str, position: int) -> str:
    """Return what a cell calls an input of one repetition: `scratch`, then `scratch@1`, ..."""
    return f"{name}@{position}" if position else name


def repetitions(inputs: Mapping[str, Stored], name: str) -> list[Stored]:
    """Return the inputs of a name, one a repetition; empty where there is none."""
    found: list[Stored] = []
    while (stored := inputs.get(repeated(name, len(found)))) is not None:
        found.append(stored)
    return found


def values(inputs: Mapping[str, Stored], name: str, array: str) -> NDArray[np.float32]:
    """Return an array [N] of an input in every repetition: [S, N]."""
    return np.stack([stored.array(array) for stored in repetitions(inputs, name)])


def mean_of(inputs: Mapping[str, Stored], name: str, key: str) -> float | None:
    """Return the mean of a number in the records of an input; None where one has none."""
    values = [stored.record[key] for stored in repetitions(inputs, name)]
    if not values or any(value is None for value in values):
        return None
    return float(np.mean(values)) if len(values) > 1 else float(values[0])
