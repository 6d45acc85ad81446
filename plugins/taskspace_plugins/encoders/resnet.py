"""Residual networks whose tensors are called as in torchvision's files."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
from torch import nn

from taskspace.components import Encoder, EncoderStage, Shape
from taskspace_plugins.encoders._conv import reduced
from taskspace_plugins.encoders._images import refuse_channels
from taskspace_plugins.encoders._resnet_layers import (
    BasicBlock,
    Block,
    BottleneckBlock,
    ResnetTrunk,
)

LAYERS: dict[int, tuple[Block, tuple[int, ...]]] = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (BottleneckBlock, (3, 4, 6, 3)),
}
"""The block and how many of them each stage has, by number of layers (He et al. 2016a, tab. 1)."""


class Resnet(Encoder):
    """ResNet-18, 34 or 50, for weights from a file.

    Source: He et al. 2016a, with the stride of a bottleneck in its 3x3 convolution. Names and
    shapes of tensors are torchvision's without the classifier `fc`: `weights_file` loads its files.
    By itself it starts at random. Statistics of normalisation are fixed, so that the code of an
    image depends on no other; at random they are those of a signal that keeps its size.

    ```yaml
    encoder: {use: weights_file, path: resnet18.pth, encoder: {use: resnet, layers: 18}}
    ```
    """

    name: ClassVar[str] = "resnet"

    layers: Literal[18, 34, 50] = pydantic.Field(
        18, description="Weighted layers: 11.2, 21.3 or 23.5 million weights."
    )
    pooled: bool = pydantic.Field(
        True,
        description="Whether the code is one vector, the mean over all places, or a map for tasks "
        "that predict pixels.",
    )

    stem: Literal["imagenet", "fine"] = pydantic.Field(
        "imagenet",
        examples=["fine"],
        description="The first layer: 7x7 and a maximum, which quarter the resolution; or `fine`, "
        "a 3x3 convolution that keeps it, for images of 32 pixels as in CIFAR.",
    )

    def code_shape(self, image: Shape) -> Shape:
        """Return (512 or, with 50 layers, 2048, h, w): h = w = 1, or ceil(H / 32) x ceil(W / 32).

        With the fine stem a map has ceil(H / 8) x ceil(W / 8) places.

        Raises:
            InputError: for images that have neither 1 nor 3 channels.
        """
        refuse_channels(self.name, image)
        block, _ = LAYERS[self.layers]
        factor = 32 if self.stem == "imagenet" else 8
        places = (1, 1) if self.pooled else (-(-image[1] // factor), -(-image[2] // factor))
        return 512 * block.expansion, *places

    def build(self, image: Shape) -> nn.Module:
        """Return a network [B, C, H, W] -> [B, *code_shape(image)].

        Raises:
            InputError: as `code_shape` does.
        """
        return self._trunk(image)

    def stages(self, image: Shape) -> tuple[EncoderStage, ...]:
        """Return the stem and the four stages; where codes are pooled, the last one pools.

        Raises:
            InputError: as `code_shape` does.
        """
        block, _ = LAYERS[self.layers]
        first = 4 if self.stem == "imagenet" else 1
        shapes = [reduced(image, 64, first)]
        shapes += [reduced(image, 64 * block.expansion << k, first << k) for k in range(3)]
        shapes.append(self.code_shape(image))
        pairs = zip(self._trunk(image).parts(), shapes, strict=True)
        return tuple(EncoderStage(network, shape) for network, shape in pairs)

    def stage_count(self) -> int:
        """Return 5."""
        return 5

    def _trunk(self, image: Shape) -> ResnetTrunk:
        refuse_channels(self.name, image)
        block, counts = LAYERS[self.layers]
        return ResnetTrunk(block, counts, pooled=self.pooled, fine=self.stem == "fine")
