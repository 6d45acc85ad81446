"""From a coarse map to the size of the image."""

from __future__ import annotations

import math

from torch import Tensor, nn


class Spread(nn.Module):
    """Each cell's channels become a block of pixels, and what lies beyond the image is cut off.

    Sub-pixel convolution (Shi et al. 2016), for blocks and images of any shape:
    [B, channels * rows * columns, h, w] -> [B, channels, H, W] with h * rows >= H.
    """

    def __init__(self, code: tuple[int, int], image: tuple[int, int]) -> None:
        super().__init__()
        self.image = image
        self.rows, self.columns = map(block_size, code, image)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, channels, H, W]."""
        batch, _, height, width = x.shape
        blocks = x.reshape(batch, -1, self.rows, self.columns, height, width)
        pixels = blocks.permute(0, 1, 4, 2, 5, 3).reshape(
            batch, -1, height * self.rows, width * self.columns
        )
        return pixels[..., : self.image[0], : self.image[1]]


def block_size(code: int, image: int) -> int:
    """Return how many pixels one cell of the code stands for along one side.

    An encoder that shrinks by f gives ceil(image / f) cells; several f may give the same number.
    The power of two among them is the one that encoders use, and the right one keeps each cell
    over the pixels that it has seen; where there is none, the smallest is taken.
    """
    smallest = math.ceil(image / code)
    power = 1 << (smallest - 1).bit_length()
    return power if math.ceil(image / power) == code else smallest
