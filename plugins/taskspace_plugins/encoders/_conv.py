"""Inputs and convolutions that start well."""

from __future__ import annotations

from torch import Tensor, nn


def convolution(
    before: int, after: int, size: int, *, stride: int = 1, bias: bool = True
) -> nn.Conv2d:
    """Return a convolution that keeps the place of things, initialised by He et al. 2015, eq. 10.

    torch's own initialisation shrinks the signal at each ReLU, so that a random encoder's code is
    mostly its biases: then `random_projection` is no source, and small networks learn slowly.
    """
    layer = nn.Conv2d(before, after, size, stride=stride, padding=size // 2, bias=bias)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Centred(nn.Module):
    """From [0, 1] to [-1, 1], as in the published configurations of Zamir et al. 2018.

    A first layer that sees positive numbers only gives its channels means that drown what differs
    between places, and networks need many more steps.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return 2 x - 1."""
        return 2 * x - 1
