"""The right half from the left."""

from typing import ClassVar

import torch

from taskspace.components import Example, Sample
from taskspace_plugins.tasks._dense import PixelTask


class RightHalf(PixelTask):
    """The right half of the image from its left half; only the hidden half counts.

    Where the width is odd, the middle column is shown. The hidden half is zero in the input.
    """

    name: ClassVar[str] = "right_half"
    plain_input: ClassVar[bool] = False

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the left half beside zeros, and NaN beside the right half: [B, C, H, W]."""
        image = sample["image"]
        shown = (image.shape[-1] + 1) // 2
        hidden = torch.arange(image.shape[-1], device=image.device) >= shown
        return Example(torch.where(hidden, 0.0, image), torch.where(hidden, image, torch.nan))
