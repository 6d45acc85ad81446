"""Bins of colour on a grid over a and b."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace_plugins.tasks.self_supervised._lab import rgb_to_lab

LEVELS = 256
"""Of each channel: what images are stored in."""

FARTHEST = 128.0
"""No colour of sRGB has an a or b beyond this."""


@dataclass(frozen=True)
class ColourBins:
    """The cells of a grid over (a, b) that hold a colour of sRGB.

    Attributes:
        centres: a and b of each bin, float32 [K, 2], by a and then by b.
        lookup: the bin of each cell of the grid, int64 [side, side]; for a cell without a colour
            of sRGB, the bin with the nearest centre.
    """

    centres: Tensor
    lookup: Tensor
    step: float

    def of(self, ab: Tensor) -> Tensor:
        """Return the bin of each a and b: [B, 2, ...] to int64 [B, ...]."""
        half = len(self.lookup) // 2
        a, b = ((ab / self.step).round().long().clamp(-half, half) + half).unbind(dim=1)
        return self.lookup.to(ab.device)[a, b]


def colour_bins(step: float) -> ColourBins:
    """Return the bins of a grid with cells of `step` x `step`, one around a = b = 0.

    The surface of the cube of sRGB is looked through, at every level of 8 bits: along the axis of
    lightness every colour has one of the surface above it, with the same a and b.
    """
    half = int(FARTHEST // step) + 1
    side = 2 * half + 1
    cells = (_surface_ab() / step).round().long() + half
    present = torch.zeros(side, side, dtype=torch.bool)
    present[cells[:, 0], cells[:, 1]] = True
    grid = present.nonzero()
    everywhere = torch.ones(side, side).nonzero()
    # Squared distances of whole numbers are exact, and the first of equally near bins is taken.
    away = (everywhere[:, None] - grid).square().sum(dim=2)
    lookup = away.argmin(dim=1).reshape(side, side)
    return ColourBins((grid - half).float() * step, lookup, step)


def _surface_ab() -> Tensor:
    """Return a and b of all colours with one channel at its end: float64 [6 x LEVELS^2, 2]."""
    level = torch.linspace(0, 1, LEVELS, dtype=torch.float64)
    face = torch.cartesian_prod(level, level)
    faces = [
        torch.cat(
            [face[:, :channel], torch.full((len(face), 1), end).double(), face[:, channel:]], 1
        )
        for channel in range(3)
        for end in (0.0, 1.0)
    ]
    return rgb_to_lab(torch.cat(faces)[..., None])[:, 1:, 0]
