"""The colours of an image from its lightness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import pydantic
import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import DenseHead, Example, Field, Sample
from taskspace.errors import DataError
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks.self_supervised._lab import lab_to_rgb, rgb_to_lab

LEVELS = 256
"""Of each channel: what images are stored in."""

FARTHEST = 128.0
"""No colour of sRGB has an a or b beyond this."""


class Colorization(ClassTask):
    """Which of a few hundred colours each place has, seen in black and white (Zhang et al. 2016).

    The input is the lightness L of CIE L*a*b* in all three channels, from 0 to 1. The classes are
    the cells of a grid over a and b in which sRGB has a colour; a place's colour is the mean over
    its square of pixels. All classes weigh the same: the paper lifts rare colours, which makes for
    livelier pictures and not for a better source.
    """

    name: ClassVar[str] = "colorization"
    source_only: ClassVar[bool] = True
    plain_input: ClassVar[bool] = False

    step: float = pydantic.Field(
        10.0,
        ge=5,
        le=100,
        description="Side of a cell of the grid, in units of a and b; 10, as in the paper, gives "
        "261 colours.",
    )
    stride: int = pydantic.Field(
        4, ge=1, le=64, description="One colour for each square of this many pixels a side."
    )

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return one logit for each bin at each place.

        Raises:
            DataError: if the images have no colours.
        """
        channels = fields["image"].shape[0]
        if channels != 3:
            raise DataError(
                f"The images have {channels} channel{'s' if channels > 1 else ''}, so there are "
                "no colours to predict.",
                where="task colorization",
                advice="Use a dataset of images with three channels (`channels: 3`), or leave the "
                "task out.",
            )
        return DenseHead(len(self.bins.centres), self.stride)

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the lightness [B, 3, H, W] in [0, 1] and the bins [B, rows, columns]."""
        lab = rgb_to_lab(sample["image"])
        shown = (lab[:, :1] / 100).clamp(0, 1).expand(-1, 3, -1, -1).contiguous()
        # With `ceil_mode`, a square that reaches over the border is the mean of what is inside.
        colour = functional.avg_pool2d(lab[:, 1:], self.stride, ceil_mode=True)
        return Example(shown, self.bins.of(colour))

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return the lightness in the colours of the bins [B, rows, columns]; grey if missing."""
        colours = self.bins.centres.to(values.device)[values.clamp(min=0)].permute(0, 3, 1, 2)
        size = input.shape[-2:]
        lab = torch.cat([100 * input[:, :1], _enlarged(colours, self.stride, size)], dim=1)
        missing = _enlarged((values < 0)[:, None].float(), self.stride, size) > 0
        return torch.where(missing, 0.5, lab_to_rgb(lab))

    @cached_property
    def bins(self) -> ColourBins:
        """Return the colours that are told apart."""
        return colour_bins(self.step)


def _enlarged(values: Tensor, stride: int, size: torch.Size) -> Tensor:
    """Return [B, C, rows, columns] with each place as its square of pixels: [B, C, *size]."""
    large = values.repeat_interleave(stride, dim=2).repeat_interleave(stride, dim=3)
    return large[..., : size[0], : size[1]]


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
