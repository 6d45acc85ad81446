"""Inputs and convolutions that start well, and the size of a code."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Shape


def convolution(
    before: int, after: int, size: int, *, stride: int = 1, bias: bool = True
) -> nn.Conv2d:
    """Return a convolution that keeps the place of things, initialised by He et al. 2015, eq. 10.

    torch's own initialisation shrinks the signal at each ReLU, so that a random encoder's code is
    mostly its biases: then `random_projection` is no source, and small networks learn slowly.
    """
    kind = Subsampled if size == 1 and stride > 1 else nn.Conv2d
    layer = kind(before, after, size, stride=stride, padding=size // 2, bias=bias)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Subsampled(nn.Conv2d):
    """A 1x1 convolution of every `stride`-th pixel, which it picks out first.

    The gradient of torch's own (2.13, channels last, seen on an AMD EPYC) ends the process on maps
    of 64x64 with eight channels.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, after, ceil(H / stride), ceil(W / stride)]."""
        down, across = self.stride
        return functional.conv2d(x[..., ::down, ::across], self.weight, self.bias)


class Centred(nn.Module):
    """From [0, 1] to [-1, 1], as in the published configurations of Zamir et al. 2018.

    A first layer that sees positive numbers only gives its channels means that drown what differs
    between places, and networks need many more steps.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return 2 x - 1."""
        return 2 * x - 1


def halvings(factor: int) -> int:
    """Return log2 of a power of two."""
    return factor.bit_length() - 1


def reduced(image: Shape, channels: int, factor: int) -> Shape:
    """Return (channels, ceil(H / factor), ceil(W / factor)).

    A 3x3 convolution with stride 2 and padding 1 halves and rounds up, and rounding up several
    times is rounding up once.
    """
    _, height, width = image
    return channels, -(-height // factor), -(-width // factor)
