"""Images that networks see smaller than the dataset has them."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from taskspace.components import Shape

LEVELS = 255
"""Of 8 bits: what images are stored in."""


def shrunk(images: Tensor, by: int) -> Tensor:
    """Return images or views [..., C, H, W], each square of `by` x `by` pixels as its mean.

    A square that reaches over the border is the mean of what is inside. Colours are those of 8
    bits, as stored images have them.
    """
    if by == 1:
        return images
    flat = images.reshape(-1, *images.shape[-3:])
    small = functional.avg_pool2d(flat, by, ceil_mode=True)
    return as_stored(small).reshape(*images.shape[:-2], *small.shape[-2:])


def as_stored(images: Tensor) -> Tensor:
    """Return images in [0, 1] in the colours of 8 bits."""
    return images.mul(LEVELS).round().div(LEVELS)


def shrunk_shape(shape: Shape, by: int) -> Shape:
    """Return (C, ceil(H / by), ceil(W / by))."""
    return shape[0], -(-shape[1] // by), -(-shape[2] // by)
