"""The colours of an image from its lightness."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

import pydantic
import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import DenseHead, Example, Field, Sample
from taskspace.errors import DataError
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks.self_supervised._colour_bins import ColourBins, colour_bins
from taskspace_plugins.tasks.self_supervised._lab import lab_to_rgb, rgb_to_lab


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
