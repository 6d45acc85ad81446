"""A task's inputs and targets on a split."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from taskspace.components import Call, Dataset
from taskspace.learning.examples import Examples, stored_parts, stored_rows
from taskspace.learning.rows import Rows
from taskspace.learning.samples import random_part
from taskspace.studies.taxonomy.plan.splits import split_indices


def examples(call: Call, split: str) -> Examples:
    """Return the examples of the call's task on a split, on the call's device."""
    return Examples(task_inputs(call, split), task_targets(call, split))


def task_inputs(call: Call, split: str, sample: int | None = None) -> Rows:
    """Return what the networks of the call see of a split: the task's inputs, or the images.

    Args:
        sample: how many, drawn at random and the same in every call; all where None.
    """
    return _rows(call, "input" if "input0" in call.inputs else "image", split, sample)


def task_targets(call: Call, split: str, sample: int | None = None) -> Rows:
    """Return the targets of the call's task on a split, or of a sample of it."""
    return _rows(call, "target", split, sample)


def task_labelled(call: Call, split: str) -> np.ndarray:
    """Return which images of a split have the label of the call's task, bool [N]."""
    parts = stored_parts(call, "target", "valid")
    labelled: np.ndarray = np.concatenate([part.values for part in parts])[indices_of(call, split)]
    return labelled


def _rows(call: Call, array: str, split: str, sample: int | None) -> Rows:
    """Return an array of the inputs `<array>0`, `<array>1`, ... on a split."""
    chosen = indices_of(call, split)
    return stored_rows(
        call, array, array, chosen if sample is None else random_part(chosen, sample, seed=0)
    )


def indices_of(call: Call, split: str) -> np.ndarray:
    """Return the samples [n] of a split in the call's repetition."""
    dataset = call.component("dataset", Dataset)
    splits: Mapping[str, Any] = call.parameters["splits"]
    shares = tuple(splits["shares"].items())
    seed, repetition = splits["seed"], splits.get("repetition", 0)
    parts = _divided(dataset, call.identity("dataset"), shares, seed, repetition)
    if split == "transfer" and splits["transfer_images"] is not None:
        return random_part(parts[split], splits["transfer_images"], seed, repetition)
    return parts[split]


# Every cell of a worker divides the same dataset, which takes as long as a small cell does.
@lru_cache(maxsize=32)
def _divided(
    dataset: Dataset,
    content: str,
    shares: tuple[tuple[str, float], ...],
    seed: int,
    repetition: int,
) -> dict[str, np.ndarray]:
    return split_indices(dataset.length(), dataset.groups(), dict(shares), seed, repetition)
