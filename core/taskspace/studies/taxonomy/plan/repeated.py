"""Inputs of a cell that looks at all repetitions: one of a name for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from taskspace.components import Cell, Stored


def repeated(cells: Mapping[str, Sequence[Cell]]) -> dict[str, Cell]:
    """Return the inputs of a cell, named by repetition: `scratch`, then `scratch@1`, ...

    Args:
        cells: name to cells, one a repetition.
    """
    return {
        _named(name, position): cell
        for name, repetitions in cells.items()
        for position, cell in enumerate(repetitions)
    }


def _named(name: str, position: int) -> str:
    return f"{name}@{position}" if position else name


def repetitions(inputs: Mapping[str, Stored], name: str) -> list[Stored]:
    """Return the inputs of a name, one a repetition; empty where there is none."""
    found: list[Stored] = []
    while (stored := inputs.get(_named(name, len(found)))) is not None:
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
