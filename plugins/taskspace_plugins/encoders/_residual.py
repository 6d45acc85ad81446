"""A residual block."""

from __future__ import annotations

from torch import Tensor, nn

from taskspace_plugins.encoders._conv import convolution

GROUP = 8
"""Channels in a group of the normalisation; even a 1x1 map then has eight numbers to normalise."""


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut, normalised before each (He et al. 2016b, fig. 1b).

    Group normalisation (Wu and He 2018) keeps no running statistics: the code of an image depends
    on that image alone, in training and after, so a frozen encoder needs no mode and gives stored
    codes that never depend on the batch they were computed in. Batch normalisation does not.
    """

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.shortcut = (
            nn.Identity()
            if before == after and stride == 1
            else convolution(before, after, 1, stride=stride, bias=False)
        )
        self.branch = nn.Sequential(
            nn.GroupNorm(before // GROUP, before),
            nn.ReLU(),
            convolution(before, after, 3, stride=stride, bias=False),
            nn.GroupNorm(after // GROUP, after),
            nn.ReLU(),
            convolution(after, after, 3, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, after, ceil(H / stride), ceil(W / stride)]."""
        return self.shortcut(x) + self.branch(x)  # type: ignore[no-any-return]
