"""Which samples learn and which judge, as the cells of a plan divide them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from taskspace.components import Cell, Dataset
from taskspace.learning.splits import random_part, split_indices, split_of


def planned_splits(cells: Iterable[Cell], dataset: Dataset) -> dict[str, np.ndarray]:
    """Return the samples [n] of each split of a dataset; empty where no cell divides it.

    The first division of the cells counts: repetitions share their test samples.

    Raises:
        DataError: if a split would be empty.
    """
    spec = dataset.spec()
    for cell in cells:
        parameters: Mapping[str, Any] = cell.parameters
        if cell.components.get("dataset") != spec:
            continue
        if "splits" in parameters:
            return _dealt(parameters["splits"], dataset)
        if isinstance(split := parameters.get("split"), Mapping):
            return split_of(dataset, split["share"], split["seed"])._asdict()
    return {}


def _dealt(splits: Mapping[str, Any], dataset: Dataset) -> dict[str, np.ndarray]:
    seed, repetition = splits["seed"], splits.get("repetition", 0)
    shares = dict(splits["shares"])
    parts = split_indices(dataset.length(), dataset.groups(), shares, seed, repetition)
    drawn = {
        name: random_part(parts[name], count, seed, repetition)
        for name, count in splits.get("samples", {}).items()
        if count is not None
    }
    return parts | drawn
