"""Random numbers from the generator that a task is handed, on the device of the images."""

from __future__ import annotations

import torch
from torch import Tensor


def normal_like(image: Tensor, generator: torch.Generator) -> Tensor:
    """Return standard normal noise of the shape, type and device of `image`."""
    # Drawn where the generator lives, so that every device sees the same noise.
    noise = torch.randn(
        image.shape, generator=generator, device=generator.device, dtype=image.dtype
    )
    return noise.to(image.device)


def integers(below: int, image: Tensor, generator: torch.Generator) -> Tensor:
    """Return one integer in [0, below) for each image: int64 [B]."""
    drawn = torch.randint(
        below, (len(image),), generator=generator, device=generator.device, dtype=torch.int64
    )
    return drawn.to(image.device)
