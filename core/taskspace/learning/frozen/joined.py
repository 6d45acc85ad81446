"""Codes of several sources as one: channelwise, on maps of one size, joined as they are read."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


class JoinedRows:
    """Codes [N, c_i, h_i, w_i] as rows [N, sum of c_i, max of h_i, max of w_i].

    The larger map decides, along each side, so that no code loses a place; a smaller one is
    enlarged by `resized`. A batch is joined when it is asked for: 1,280 numbers an image repeated
    over a map of 16 x 16 places would be a megabyte each.

    Args:
        parts: the codes of each source, on one device.
    """

    def __init__(self, parts: Sequence[Tensor]) -> None:
        self._parts = parts
        self._side = common_side([(part.shape[2], part.shape[3]) for part in parts])
        self.device = parts[0].device

    def __len__(self) -> int:
        return len(self._parts[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (N, channels, height, width)."""
        return len(self), sum(part.shape[1] for part in self._parts), *self._side

    def __getitem__(self, rows: Tensor) -> Tensor:
        """Return these rows, joined."""
        return torch.cat([resized(part[rows], self._side) for part in self._parts], dim=1)


def common_side(sides: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the largest height and the largest width of maps."""
    return max(height for height, _ in sides), max(width for _, width in sides)


def resized(codes: Tensor, side: tuple[int, int]) -> Tensor:
    """Return codes [B, c, h, w] on a map of another size [B, c, *side].

    Each place has the mean of the cells that it overlaps (adaptive average pooling): one number
    stands at every place, whole multiples repeat cells, and nothing is invented between them.
    """
    if codes.shape[2:] == side:
        return codes
    if codes.shape[2:] == (1, 1):
        return codes.expand(-1, -1, *side)
    return functional.adaptive_avg_pool2d(codes, side)
