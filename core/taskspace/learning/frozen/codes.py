"""Codes of images pooled to vectors, as they are made and as they are stored in parts."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from taskspace.components import Call
from taskspace.errors import CellError
from taskspace.learning.examples import stored_cells


def pooled(codes: Tensor) -> Tensor:
    """Return features [B, F] of codes [B, F, h, w]: the mean over all places."""
    return codes.mean(dim=(2, 3))


MOST_NUMBERS = 4096
"""Up to so many numbers a code stands whole before a linear head; larger maps are averaged."""


def vectors(codes: Tensor) -> Tensor:
    """Return codes [B, F, h, w] as vectors [B, D]: all numbers of small maps, else the mean.

    A readout that saw the whole map has put into places what their mean has lost.
    """
    return codes.flatten(1) if codes[0].numel() <= MOST_NUMBERS else pooled(codes)


class Vectors(nn.Module):
    """Codes [B, F, h, w] to vectors [B, D]."""

    def forward(self, codes: Tensor) -> Tensor:
        """Return `vectors`."""
        return vectors(codes)


def vector_size(shape: tuple[int, int, int]) -> int:
    """Return D, the numbers of `vectors` of codes of this shape."""
    numbers = prod(shape)
    return numbers if numbers <= MOST_NUMBERS else shape[0]


class Pooled(nn.Module):
    """Codes [B, F, h, w] to features [B, F]."""

    def forward(self, codes: Tensor) -> Tensor:
        """Return the mean over all places."""
        return pooled(codes)


def check_finite(features: NDArray[np.floating], start: int, name: str) -> None:
    """Check that all features [n, F] are numbers.

    Args:
        features: of the samples from `start` on.
        start: the number of the first.
        name: of the cell.

    Raises:
        CellError: with the first sample whose features are not.
    """
    wrong = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(wrong):
        raise CellError(
            f"The features of {len(wrong)} samples are not finite, for example of sample "
            f"{start + int(wrong[0])}.",
            where=name,
            advice="Leave these samples out, or look for infinite or missing numbers in them.",
        )


def stored_codes(
    call: Call, slot: str, rows: NDArray[np.int64], array: str = "features"
) -> NDArray[np.float32]:
    """Return an array of some samples [n, F] from the inputs `<slot>0`, `<slot>1`, ... of a call.

    Each of them but the last holds equally many samples, one after the other.
    """
    parts = [cell.array(array) for cell in stored_cells(call, slot)]
    length = len(parts[0])
    found = np.empty((len(rows), parts[0].shape[1]), dtype=np.float32)
    for number, part in enumerate(parts):
        own = rows // length == number
        found[own] = part[rows[own] - number * length]
    return found
