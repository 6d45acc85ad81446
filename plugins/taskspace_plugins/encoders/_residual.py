"""Residual blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from taskspace_plugins.encoders._conv import convolution

GROUP = 8
"""Channels in a group of the normalisation; even a 1x1 map then has eight numbers to normalise."""


class Residual(nn.Module):
    """A shortcut around a branch of convolutions, normalised before each (He et al. 2016b).

    Group normalisation (Wu and He 2018) keeps no running statistics: the code of an image depends
    on that image alone, in training and after, so a frozen encoder needs no mode and gives stored
    codes that never depend on the batch they were computed in. Batch normalisation does not.
    """

    def __init__(self, before: int, after: int, stride: int, branch: Sequence[nn.Module]) -> None:
        super().__init__()
        self.shortcut = (
            nn.Identity()
            if before == after and stride == 1
            else convolution(before, after, 1, stride=stride, bias=False)
        )
        self.branch = nn.Sequential(*branch)

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, after, ceil(H / stride), ceil(W / stride)]."""
        return self.shortcut(x) + self.branch(x)  # type: ignore[no-any-return]


Block = Callable[[int, int, int], Residual]
"""From channels before, channels after and stride to a block."""


def basic(before: int, after: int, stride: int) -> Residual:
    """Return a block of two 3x3 convolutions (He et al. 2016a, fig. 5 left)."""
    branch = [
        *normalised(before),
        convolution(before, after, 3, stride=stride, bias=False),
        *normalised(after),
        convolution(after, after, 3, bias=False),
    ]
    return Residual(before, after, stride, branch)


def bottleneck(before: int, after: int, stride: int) -> Residual:
    """Return a block with a 3x3 convolution four times thinner (He et al. 2016a, fig. 5 right)."""
    thin = after // 4
    branch = [
        *normalised(before),
        convolution(before, thin, 1, bias=False),
        *normalised(thin),
        convolution(thin, thin, 3, stride=stride, bias=False),
        *normalised(thin),
        convolution(thin, after, 1, bias=False),
    ]
    return Residual(before, after, stride, branch)


def normalised(channels: int) -> list[nn.Module]:
    """Return group normalisation and ReLU; the ReLU writes over what nothing else reads."""
    return [nn.GroupNorm(channels // GROUP, channels), nn.ReLU(inplace=True)]


def stack(block: Block, before: int, after: int, count: int, stride: int) -> list[nn.Module]:
    """Return `count` blocks, of which the first has the stride and widens."""
    return [
        block(after if number else before, after, 1 if number else stride)
        for number in range(count)
    ]
