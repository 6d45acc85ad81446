"""Which samples the splits of a cell hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from taskspace.components import Call, Dataset
from taskspace.learning.samples import random_part
from taskspace.studies.taxonomy.plan.splits import split_indices


def indices_of(call: Call, split: str, sample: int | None = None) -> np.ndarray:
    """Return the samples [n] of a split in the call's repetition.

    Args:
        sample: how many, drawn at random and the same in every call; all where None.
    """
    dataset = call.component("dataset", Dataset)
    splits: Mapping[str, Any] = call.parameters["splits"]
    shares = tuple(splits["shares"].items())
    seed, repetition = splits["seed"], splits.get("repetition", 0)
    chosen = _divided(dataset, call.identity("dataset"), shares, seed, repetition)[split]
    if split == "transfer" and splits["transfer_images"] is not None:
        chosen = random_part(chosen, splits["transfer_images"], seed, repetition)
    return chosen if sample is None else random_part(chosen, sample, seed=0)


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
