"""Which images of a split a task's network does not learn from."""

from __future__ import annotations

import numpy as np
import torch

from taskspace.components import Call, Dataset, stable_seed
from taskspace.errors import CellError
from taskspace.learning.fitting.held_out import Division
from taskspace.learning.splits import hold_out, indices_of


def divide(call: Call, split: str, labelled: np.ndarray, share: float) -> Division | None:
    """Hold out a share of those images of a split that have the label; None where none has.

    Groups (buildings, patients) are held out whole: photographs of one patient on both sides would
    hide overfitting. The draw follows from the seed of the splits, not from that of the cell: all
    readouts of a target then lack the same images and differ by their sources alone, and as many
    steps make an epoch for each, whatever the sizes of the groups.

    Args:
        labelled: bool [N], which images of the split have the label of the call's task.

    Raises:
        CellError: if no image would be held out, or no labelled one learned from.
    """
    if not labelled.any():
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
