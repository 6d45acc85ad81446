"""The layers of a residual network, called as those of torchvision are."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace_plugins.encoders._conv import convolution
from taskspace_plugins.encoders._fixed_norm import FixedNorm


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He et al. 2016a, fig. 5 left)."""

    expansion: ClassVar[int] = 1

    def __init__(self, before: int, width: int, stride: int, scale: float) -> None:
        super().__init__()
        self.conv1 = convolution(before, width, 3, stride=stride, bias=False)
        self.bn1 = FixedNorm(width)
        self.conv2 = convolution(width, width, 3, bias=False)
        self.bn2 = FixedNorm(width)
        nn.init.constant_(self.bn2.weight, scale)
        self.downsample = _projection(before, width, stride)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, width, ceil(h / stride), ceil(w / stride)]."""
        branch = functional.relu(self.bn1(self.conv1(images)))
        return functional.relu(_beside(self.downsample, images) + self.bn2(self.conv2(branch)))


class BottleneckBlock(nn.Module):
    """A 3x3 convolution between two 1x1 ones (fig. 5 right); the stride is that of the 3x3 one."""

    expansion: ClassVar[int] = 4

    def __init__(self, before: int, width: int, stride: int, scale: float) -> None:
        super().__init__()
        after = self.expansion * width
        self.conv1 = convolution(before, width, 1, bias=False)
        self.bn1 = FixedNorm(width)
        self.conv2 = convolution(width, width, 3, stride=stride, bias=False)
        self.bn2 = FixedNorm(width)
        self.conv3 = convolution(width, after, 1, bias=False)
        self.bn3 = FixedNorm(after)
        nn.init.constant_(self.bn3.weight, scale)
        self.downsample = _projection(before, after, stride)

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, 4 width, ceil(h / stride), ceil(w / stride)]."""
        branch = functional.relu(self.bn1(self.conv1(images)))
        branch = functional.relu(self.bn2(self.conv2(branch)))
        return functional.relu(_beside(self.downsample, images) + self.bn3(self.conv3(branch)))


Block: TypeAlias = type[BasicBlock] | type[BottleneckBlock]


class ResnetTrunk(nn.Module):
    """A residual network up to its classifier: images [B, 1 or 3, H, W] -> maps or their means.

    At random, statistics are 0 and 1 and the last scale of each of n branches is 1 / sqrt(n), so
    that the signal neither grows nor dies with the depth (Hanin & Rolnick 2018). The statistics of
    the first norm make mid-grey 0, as `Centred` does elsewhere: weights that are loaded replace
    them, and no layer has to be taken out for weights that bring a normalisation of their own.

    Args:
        block: of every stage.
        counts: of blocks in each stage.
        pooled: whether maps are averaged.
        fine: whether the first layer keeps the resolution, as for images of 32 pixels: a 3x3
            convolution without the stride and the maximum (He et al. 2016a, Sec. 4.2).
    """

    def __init__(
        self, block: Block, counts: tuple[int, ...], *, pooled: bool, fine: bool = False
    ) -> None:
        super().__init__()
        size, stride = (3, 1) if fine else (7, 2)
        self.conv1 = convolution(3, 64, size, stride=stride, bias=False)
        self.bn1 = FixedNorm(64)
        with torch.no_grad():
            self.bn1.running_mean = self.conv1.weight.sum((1, 2, 3)) / 2
            self.bn1.running_var = torch.full_like(self.bn1.running_mean, 0.25)
        scale, wide = sum(counts) ** -0.5, block.expansion
        self.layer1 = _stage(block, 64, 64, counts[0], 1, scale)
        self.layer2 = _stage(block, 64 * wide, 128, counts[1], 2, scale)
        self.layer3 = _stage(block, 128 * wide, 256, counts[2], 2, scale)
        self.layer4 = _stage(block, 256 * wide, 512, counts[3], 2, scale)
        self.pooled = pooled
        self.fine = fine

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, C, ceil(H / 32), ceil(W / 32)], 8 where fine, or [B, C, 1, 1] where pooled."""
        features = stem_of(images, self.conv1, self.bn1, fine=self.fine)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            features = stage(features)
        return functional.adaptive_avg_pool2d(features, 1) if self.pooled else features

    def parts(self) -> list[nn.Module]:
        """Return the stem and the four stages as networks with the weights of this one."""
        last = (nn.AdaptiveAvgPool2d(1),) if self.pooled else ()
        stem = Stem(self.conv1, self.bn1, fine=self.fine)
        return [stem, self.layer1, self.layer2, self.layer3, nn.Sequential(self.layer4, *last)]


class Stem(nn.Module):
    """The layers before the first stage, as a network of their own."""

    def __init__(self, conv1: nn.Module, bn1: nn.Module, *, fine: bool) -> None:
        super().__init__()
        self.conv1, self.bn1, self.fine = conv1, bn1, fine

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, 64, ceil(H / 4), ceil(W / 4)], [B, 64, H, W] where fine."""
        return stem_of(images, self.conv1, self.bn1, fine=self.fine)


def stem_of(images: Tensor, conv1: nn.Module, bn1: nn.Module, *, fine: bool) -> Tensor:
    """Return what the first layers make of images [B, 1 or 3, H, W]."""
    features = functional.relu(bn1(conv1(images.expand(-1, 3, -1, -1))))
    return features if fine else functional.max_pool2d(features, 3, stride=2, padding=1)


def _stage(
    block: Block, before: int, width: int, count: int, stride: int, scale: float
) -> nn.Sequential:
    """Return `count` blocks, of which the first has the stride and widens."""
    first = block(before, width, stride, scale)
    more = (block(block.expansion * width, width, 1, scale) for _ in range(count - 1))
    return nn.Sequential(first, *more)


def _projection(before: int, after: int, stride: int) -> nn.Module | None:
    if before == after and stride == 1:
        return None
    return nn.Sequential(convolution(before, after, 1, stride=stride, bias=False), FixedNorm(after))


def _beside(downsample: nn.Module | None, images: Tensor) -> Tensor:
    return images if downsample is None else downsample(images)
