"""What is missing in a hole."""

from typing import ClassVar

import pydantic
import torch

from taskspace.components import Example, Sample
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks.self_supervised._draw import integers

FILL = 0.5
"""Grey: black or white would look like something that is there."""


class Inpainting(PixelTask):
    """The pixels of a hole from what surrounds it (Pathak et al. 2016; Taskonomy, Sec. 3).

    The hole lies anywhere in the image and is filled with grey. Only its pixels count. The papers
    add an adversarial term, which is left out.
    """

    name: ClassVar[str] = "inpainting"
    source_only: ClassVar[bool] = True
    plain_input: ClassVar[bool] = False

    hole: float = pydantic.Field(
        0.5, gt=0, lt=1, description="Height and width of the hole, as a share of the image's."
    )

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the image with a hole, and the image with NaN around it: [B, C, H, W]."""
        image = sample["image"]
        rows = self._span(image.shape[-2], image, generator)
        columns = self._span(image.shape[-1], image, generator)
        hole = rows[:, None, :, None] & columns[:, None, None, :]
        return Example(torch.where(hole, FILL, image), torch.where(hole, image, torch.nan))

    def picture(self, values: torch.Tensor, input: torch.Tensor) -> torch.Tensor | None:
        """Return the values within the hole, and around it what the network has seen."""
        hole = (input == FILL).all(dim=1, keepdim=True) & ~values.isnan()
        return super().picture(torch.where(hole, values, input), input)

    def _span(self, side: int, image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return which of `side` rows (or columns) the hole covers: bool [B, side]."""
        length = max(1, round(self.hole * side))
        start = integers(side - length + 1, image, generator)[:, None]
        place = torch.arange(side, device=image.device)
        return (place >= start) & (place < start + length)
