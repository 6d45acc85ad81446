"""The layers of EfficientNet-Lite, in the order of the published weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from taskspace_plugins.encoders._conv import convolution
from taskspace_plugins.encoders._fixed_norm import FixedNorm

FEATURES = 1280
"""Channels of the last layer, of every size."""

EPSILON = 1e-3
GROUP = 8

Norm = Callable[[int], nn.Module]


class BlockGroup(NamedTuple):
    """Blocks of one width (Tan & Le 2019, tab. 1): the first one has the stride."""

    kernel: int
    stride: int
    expansion: int
    channels: int
    repeats: int


GROUPS = (
    BlockGroup(3, 1, 1, 16, 1),
    BlockGroup(3, 2, 6, 24, 2),
    BlockGroup(5, 2, 6, 40, 2),
    BlockGroup(3, 2, 6, 80, 3),
    BlockGroup(5, 1, 6, 112, 3),
    BlockGroup(5, 2, 6, 192, 4),
    BlockGroup(3, 1, 6, 320, 1),
)


def fixed_norm(channels: int) -> nn.Module:
    """Return normalisation by the statistics of the published weights."""
    return FixedNorm(channels, eps=EPSILON)


def group_norm(channels: int) -> nn.Module:
    """Return normalisation of groups of channels, for networks without published weights."""
    return nn.GroupNorm(channels // GROUP, channels)


class SamePadded(nn.Module):
    """A convolution padded as TensorFlow does: where it cannot be even, more below and right."""

    def __init__(
        self, before: int, after: int, kernel: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        layer = convolution(before // groups, after, kernel, stride=stride, bias=False)
        self.weight, self.kernel, self.stride, self.groups = layer.weight, kernel, stride, groups

    def forward(self, input: Tensor) -> Tensor:
        """Return [B, after, ceil(h / stride), ceil(w / stride)]."""
        height, width = (self._padding(side) for side in input.shape[2:])
        sides = [width // 2, width - width // 2, height // 2, height - height // 2]
        padded = functional.pad(input, sides) if any(sides) else input
        return functional.conv2d(padded, self.weight, stride=self.stride, groups=self.groups)

    def _padding(self, side: int) -> int:
        return max((-(-side // self.stride) - 1) * self.stride + self.kernel - side, 0)


class InvertedResidual(nn.Module):
    """An inverted residual (Sandler et al. 2018) without squeeze and excitation."""

    def __init__(self, before: int, after: int, group: BlockGroup, stride: int, norm: Norm) -> None:
        super().__init__()
        inner = before * group.expansion
        widen = _layer(before, inner, 1, norm) if group.expansion > 1 else ()
        self.layers = nn.Sequential(
            *widen,
            *_layer(inner, inner, group.kernel, norm, stride=stride, groups=inner),
            SamePadded(inner, after, 1),
            norm(after),
        )
        self.residual = stride == 1 and before == after

    def forward(self, input: Tensor) -> Tensor:
        """Return [B, after, ceil(h / stride), ceil(w / stride)]."""
        found: Tensor = self.layers(input)
        return found + input if self.residual else found


def efficientnet_layers(width: float, depth: float, norm: Norm) -> Iterator[nn.Module]:
    """Yield the network from images [B, 3, H, W] to [B, 1280, ceil(H / 32), ceil(W / 32)].

    Args:
        width: what channels are multiplied with, rounded to a multiple of 8.
        depth: what repetitions are multiplied with, rounded up; the outer stages keep theirs.
    """
    before = 32
    yield from _layer(3, before, 3, norm, stride=2)
    for number, group in enumerate(GROUPS):
        after = _rounded(group.channels * width)
        outer = number in (0, len(GROUPS) - 1)
        for repeat in range(group.repeats if outer else math.ceil(group.repeats * depth)):
            yield InvertedResidual(before, after, group, 1 if repeat else group.stride, norm)
            before = after
    yield from _layer(before, FEATURES, 1, norm)


def _layer(
    before: int, after: int, kernel: int, norm: Norm, *, stride: int = 1, groups: int = 1
) -> tuple[nn.Module, ...]:
    layer = SamePadded(before, after, kernel, stride=stride, groups=groups)
    return layer, norm(after), nn.ReLU6(inplace=True)


def _rounded(channels: float) -> int:
    """Return the multiple of 8 nearest to a number of channels, and not below 90 % of it."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * channels else nearest + 8
