"""Which samples the splits of a cell hold, and which of them are held out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from taskspace.components import Call, Dataset, stable_seed
from taskspace.errors import CellError
from taskspace.learning.fitting.held_out import Division
from taskspace.learning.samples import random_part
from taskspace.learning.splits import hold_out
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


def divide(call: Call, split: str, labelled: np.ndarray, share: float | None) -> Division | None:
    """Hold out a share of those images of a split that have the label; None where it is 0.

    Groups (buildings, patients) are held out whole: photographs of one patient on both sides would
    hide overfitting. The draw follows from the seed of the splits, not from that of the cell: all
    readouts of a target then lack the same images and differ by their sources alone, and as many
    steps make an epoch for each, whatever the sizes of the groups.

    Args:
        labelled: bool [N], which images of the split have the label of the call's task.

    Raises:
        CellError: if no image would be held out, or no labelled one learned from.
    """
    if not share or not labelled.any():
        return None  # A task without any label is refused where it is trained.
    splits = call.parameters["splits"]
    seed = stable_seed(splits["seed"], splits.get("repetition", 0), "held out", split)
    groups = call.component("dataset", Dataset).groups()
    names = None if groups is None else np.array(groups)[indices_of(call, split)]
    held_out = hold_out(labelled, names, share, np.random.default_rng(seed))
    count, left = int(labelled[held_out].sum()), int(labelled[~held_out].sum())
    if not count or not left:
        sizes = f"{count + left} labelled images of the split {split!r}"
        if names is not None:
            sizes += f", in {len(np.unique(names[labelled]))} group(s) that stay whole,"
        raise CellError(
            f"Of {sizes} a share of {share:g} is {count} to hold out and {left} to learn from; "
            "both must be at least 1.",
            advice="Set `held_out: 0` (under `train` or `transfer`) or another share, or give the "
            "split more images (`splits:`, `transfer.images`).",
        )
    return Division(*(torch.from_numpy(np.flatnonzero(part)) for part in (~held_out, held_out)))
