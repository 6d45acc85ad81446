"""From a coarse map to a fine one, doubling it step by step."""

from __future__ import annotations

import math

from torch import Tensor, nn

from taskspace_plugins.readouts._linear_map import LinearMap, Side, block_size


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
