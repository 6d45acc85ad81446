"""Gaussian blur of grey images."""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor
from torch.nn import functional

REACH = 4
"""The kernel is cut at this many deviations, where it is 3e-4 of its peak."""


def gaussian_blur(image: Tensor, sigma: float) -> Tensor:
    """Return grey images [B, H, W] under a Gaussian of `sigma` pixels, same shape.

    The border is continued, so an even image stays as it is. With sigma 0 nothing changes.
    """
    if sigma == 0:
        return image
    reach = ceil(REACH * sigma)
    place = torch.arange(-reach, reach + 1, dtype=image.dtype, device=image.device)
    kernel = (-0.5 * (place / sigma).square()).exp()
    kernel = kernel / kernel.sum()
    padded = functional.pad(image[:, None], (reach, reach, reach, reach), mode="replicate")
    across = functional.conv2d(padded, kernel[None, None, None, :])
    return functional.conv2d(across, kernel[None, None, :, None])[:, 0]
