"""From a map of one size to a map of another: by one linear layer, or doubling it step by step."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

Side = tuple[int, int]
"""(rows, columns) of a map."""


class LinearMap(nn.Module):
    """One linear layer from each cell of a map to its block of a larger map, or the reverse.

    Sub-pixel convolution (Shi et al. 2016), for blocks and maps of any shape:
    [B, before, *code] -> [B, after, *side]. Along a side on which the code is the finer of the two,
    each place reads the block of cells that lie in it.

    All places of a block start with the same weights (Aitken et al. 2017): with weights of their
    own, what a few steps on a small transfer set do not correct stays as noise in every map.

    One step is also the fast way to many channels: at 64 channels of 64x64 pixels, two steps of
    fewer weights and transposed convolutions take as long or twice as long, because what costs is
    to write the map.
    """

    def __init__(self, before: int, code: Side, after: int, side: Side) -> None:
        super().__init__()
        self.after, self.side = after, side
        self.block = block_size(code[0], side[0]), block_size(code[1], side[1])
        read = block_size(side[0], code[0]), block_size(side[1], code[1])
        # Zeros complete the last block of cells.
        missing = [
            size * places - cells if size > 1 else 0
            for size, places, cells in zip(read, side, code, strict=True)
        ]
        self.margin = (0, missing[1], 0, missing[0])
        self.layer = nn.Conv2d(before, after * math.prod(self.block), read, stride=read)
        with torch.no_grad():
            for values in self.layer.parameters():
                places = values.view(after, math.prod(self.block), *values.shape[1:])
                places.copy_(places[:, :1].expand_as(places).clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, after, *side]; what lies beyond it is cut off."""
        if any(self.margin):
            x = functional.pad(x, self.margin)
        # A block's numbers then lie together, which makes it up to twice as fast to spread them.
        x = self.layer(x.contiguous(memory_format=torch.channels_last))
        batch, _, height, width = x.shape
        rows, columns = self.block
        pixels = (
            x.reshape(batch, self.after, rows, columns, height, width)
            .permute(0, 1, 4, 2, 5, 3)
            .reshape(batch, self.after, height * rows, width * columns)
        )
        return pixels[..., : self.side[0], : self.side[1]]


def block_size(cells: int, pixels: int) -> int:
    """Return how many pixels one cell stands for along one side; 1 where cells are the finer.

    An encoder that shrinks by f gives ceil(pixels / f) cells; several f may give the same number.
    The power of two among them is the one that encoders use, and the right one keeps each cell
    over the pixels that it has seen; where there is none, the smallest is taken.
    """
    smallest = math.ceil(pixels / cells)
    power = 1 << (smallest - 1).bit_length()
    return power if math.ceil(pixels / power) == cells else smallest


def deconvolution(before: int, code: Side, after: int, side: Side, width: int) -> nn.Module:
    """Return a network [B, before, *code] -> [B, after, *side].

    4x4 transposed convolutions of stride 2, `width` channels and a ReLU double the map as often as
    a cell's block of pixels can be halved; one linear layer does the rest.
    """
    blocks = [block_size(cells, pixels) for cells, pixels in zip(code, side, strict=True)]
    layers: list[nn.Module] = []
    factor = 1
    while math.gcd(*blocks) % (2 * factor) == 0:
        layers += [_doubling(before, width), nn.ReLU(inplace=True)]
        before, factor = width, 2 * factor
    if factor > 1:
        code = (
            math.ceil(side[0] * factor / blocks[0]),
            math.ceil(side[1] * factor / blocks[1]),
        )
        layers.append(Crop(code))
    return nn.Sequential(*layers, LinearMap(before, code, after, side))


class Crop(nn.Module):
    """What lies within `side`."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, C, *side]."""
        return x[..., : self.side[0], : self.side[1]]


def _doubling(before: int, after: int) -> nn.ConvTranspose2d:
    layer = nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)
    # He et al. 2015, eq. 10: each output sees 2x2 cells.
    nn.init.normal_(layer.weight, std=math.sqrt(2 / (4 * before)))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
