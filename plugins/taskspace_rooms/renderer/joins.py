"""Ragged joins: the pairs of rows that belong together, as two columns of row numbers."""

from __future__ import annotations

import torch
from torch import Tensor


def expanded(starts: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Return all items of many lists that lie one after another in one table.

    Args:
        starts: int64 [N], where each list begins.
        counts: int64 [N], how long it is.

    Returns:
        The owner of each item (0 .. N - 1, ascending) and the item's place: int64 [sum(counts)].
    """
    owner = torch.repeat_interleave(counts)
    before = counts.cumsum(0) - counts
    place = torch.arange(len(owner), device=counts.device) + (starts - before).index_select(
        0, owner
    )
    return owner, place


def same_scene(left: Tensor, right: Tensor, scenes: int) -> tuple[Tensor, Tensor]:
    """Return the pairs of rows that are of one scene.

    Args:
        left: int64 [N], the scene of each left row.
        right: int64 [M], the scene of each right row, ascending.
        scenes: how many scenes there are.

    Returns:
        Rows of `left` (ascending) and of `right`: int64 [pairs].
    """
    counts = torch.bincount(right, minlength=scenes)
    starts = counts.cumsum(0) - counts
    return expanded(starts[left], counts[left])
