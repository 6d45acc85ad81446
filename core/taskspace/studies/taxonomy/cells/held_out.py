"""Early stopping: which images a network does not learn from, and the weights that do best there.

All epochs run, on the schedule they would have without it, and the best one is kept: there is no
patience to choose, and a rate that falls to 0 often makes a late epoch the best.
"""

from __future__ import annotations

from math import inf, prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import JSON, Call, Dataset, Task, stable_seed
from taskspace.errors import CellError
from taskspace.learning.examples import head_of, image_shape
from taskspace.learning.rows import Rows, blocks
from taskspace.studies.taxonomy.cells.data import indices_of
from taskspace.studies.taxonomy.cells.measuring import MOST_IMAGES, MOST_NUMBERS


class Division(NamedTuple):
    """Rows of a split [n] that are learned from and rows that are held out; both in order."""

    learned: Tensor
    held_out: Tensor


def divide(call: Call, split: str, targets: Rows, share: float) -> Division | None:
    """Hold out a share of those images of a split that have the label; None where it is 0.

    Groups (buildings, patients) are held out whole: photographs of one patient on both sides would
    hide overfitting. The draw follows from the seed of the splits, not from that of the cell: all
    readouts of a target then lack the same images and differ by their sources alone, and as many
    steps make an epoch for each, whatever the sizes of the groups.

    Args:
        targets: [N, ...], those of the call's task on the split.

    Raises:
        CellError: if no image would be held out, or no labelled one learned from.
    """
    labelled = _labelled(call, targets) if share else np.zeros(0, dtype=bool)
    if not labelled.any():
        return None  # A task without any label is refused where it is trained.
    splits = call.parameters["splits"]
    seed = stable_seed(splits["seed"], splits.get("repetition", 0), "held out", split)
    draw = np.random.default_rng(seed)
    groups = call.component("dataset", Dataset).groups()
    if groups is None:
        held_out = np.zeros(len(labelled), dtype=bool)
        rows = np.flatnonzero(labelled)
        held_out[draw.permutation(rows)[: round(share * len(rows))]] = True
    else:
        names = np.array(groups)[indices_of(call, split)]
        held_out = np.isin(names, _whole_groups(names[labelled], share, draw))
    count, left = int(labelled[held_out].sum()), int(labelled[~held_out].sum())
    if not count or not left:
        sizes = f"{count + left} labelled images of the split {split!r}"
        if groups is not None:
            sizes += f", in {len(np.unique(names[labelled]))} group(s) that stay whole,"
        raise CellError(
            f"Of {sizes} a share of {share:g} is {count} to hold out and {left} to learn from; "
            "both must be at least 1.",
            advice="Set `held_out: 0` (under `train` or `transfer`) or another share, or give the "
            "split more images (`splits:`, `transfer.images`).",
        )
    return Division(*(torch.from_numpy(np.flatnonzero(part)) for part in (~held_out, held_out)))


class BestEpoch:
    """The parameters and buffers after the epoch with the lowest loss, the first of equal ones.

    Attributes:
        division: the rows that are learned from and those that judge.
        epoch: counted from 1; 0 where no loss was finite yet.
        loss: the mean over the labelled held-out images.
    """

    def __init__(self, division: Division) -> None:
        self.division = division
        self.epoch = 0
        self.loss = inf
        self._weights: list[Tensor] = []

    def offer(self, epoch: int, loss: float, network: nn.Module) -> None:
        """Keep a copy of the network's weights if the loss is the lowest so far."""
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            self._weights = [tensor.detach().clone() for tensor in _tensors(network)]

    @torch.no_grad()
    def restore(self, network: nn.Module) -> None:
        """Give the network the weights that were kept, in place.

        Raises:
            CellError: if no loss was finite.
        """
        if not self._weights:
            raise CellError(
                "The loss on the held-out images was finite after no epoch.",
                advice="Look for infinite or enormous labels, or lower the learning rate.",
            )
        for tensor, kept in zip(_tensors(network), self._weights, strict=True):
            tensor.copy_(kept)

    def record(self) -> dict[str, JSON]:
        """Return what the result of a cell says of it."""
        return {"best_epoch": self.epoch, "held_out_loss": self.loss}


@torch.inference_mode()
def _labelled(call: Call, targets: Rows) -> np.ndarray:
    """Return which targets [N] are there; that does not depend on what is predicted."""
    task, shape = call.component("task", Task), head_of(call).shape(image_shape(call))
    size = max(1, min(MOST_IMAGES, MOST_NUMBERS // prod(shape)))
    valid = [
        task.loss(torch.zeros(len(block), *shape, device=block.device), block).valid
        for block in blocks(targets, size)
    ]
    present: np.ndarray = torch.cat(valid).cpu().numpy()
    return present


def _whole_groups(names: np.ndarray, share: float, draw: np.random.Generator) -> list[str]:
    """Return random groups that together come near a share of the images with these names.

    A group is taken if the sum is nearer then, at least one is, and never all.
    """
    groups, sizes = np.unique(names, return_counts=True)
    wanted, total = share * len(names), 0
    taken: list[int] = []
    for i in draw.permutation(len(groups)):
        if abs(total + sizes[i] - wanted) < abs(total - wanted) and len(taken) < len(groups) - 1:
            taken.append(i)
            total += sizes[i]
    if not taken and len(groups) > 1:
        taken = [int(sizes.argmin())]
    return [str(groups[i]) for i in taken]


def _tensors(network: nn.Module) -> list[Tensor]:
    return [*network.parameters(), *network.buffers()]
