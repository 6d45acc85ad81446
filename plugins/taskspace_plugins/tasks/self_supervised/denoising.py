"""The image behind noise."""

from typing import ClassVar

import pydantic
import torch

from taskspace.components import Example, Sample
from taskspace_plugins.tasks._dense import PixelTask
from taskspace_plugins.tasks.self_supervised._draw import normal_like


class Denoising(PixelTask):
    """The clean image from a noisy one (Vincent et al. 2008; Taskonomy, Sec. 3)."""

    name: ClassVar[str] = "denoising"
    plain_input: ClassVar[bool] = False

    sigma: float = pydantic.Field(
        0.3,
        gt=0,
        le=10,
        description="Standard deviation of the Gaussian noise, where the image spans [0, 1]; the "
        "noisy image is clipped to [0, 1].",
    )

    def example(self, sample: Sample, generator: torch.Generator) -> Example:
        """Return the noisy and the clean image, both [B, C, H, W]."""
        clean = sample["image"]
        noisy = clean + self.sigma * normal_like(clean, generator)
        return Example(noisy.clamp(0, 1), clean)
