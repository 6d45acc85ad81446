"""Images as published weights expect them: channels, size and scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace.components import Shape
from taskspace.errors import InputError

Interpolation = Literal["bilinear", "bicubic"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of the photographs of ImageNet in [0, 1], by channel: the values of torchvision's weights."""


def refuse_channels(name: str, image: Shape, channels: int = 3) -> None:
    """Raise InputError for images that can neither be read nor expanded to so many channels."""
    if image[0] not in (1, channels):
        some = "1 channel" if channels == 1 else f"1 or {channels} channels"
        kinds = {1: "images that are grey", 3: "images that are grey or coloured"}
        raise InputError(
            f"The encoder {name!r} reads images of {some}, not of {image[0]}.",
            advice=f"Use another encoder, or {kinds.get(channels, 'images of those channels')}.",
        )


class PreparedImages(nn.Module):
    """Images in [0, 1] with the channels, size and scale that weights were trained with.

    Args:
        mean: by channel; grey images are repeated for each.
        std: by channel.
        size: height and width to which images are scaled; None for images as they are.
        interpolation: how they are scaled, with antialiasing.
        crop: share of the sides that is kept, from the middle, of an image whose shorter side is
            scaled to 1 / crop of the size; None to scale the whole image without keeping its
            proportions, so that places in a map of codes stay places in the image.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        mean: Sequence[float],
        std: Sequence[float],
        size: tuple[int, int] | None,
        interpolation: Interpolation = "bicubic",
        crop: float | None = None,
    ) -> None:
        super().__init__()
        # They follow from the parameters, so they are no weights to store.
        self.register_buffer("mean", torch.tensor(mean).reshape(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).reshape(-1, 1, 1), persistent=False)
        self.size, self.interpolation, self.crop = size, interpolation, crop

    def forward(self, images: Tensor) -> Tensor:
        """Return [B, len(mean), *size] from images [B, 1 or len(mean), H, W]."""
        images = images.expand(-1, len(self.mean), -1, -1)
        if self.size is not None:
            images = self._scaled(images, self.size)
        return (images - self.mean) / self.std

    def _scaled(self, images: Tensor, size: tuple[int, int]) -> Tensor:
        whole = size if self.crop is None else _around(size, self.crop, images)
        if images.shape[2:] != whole:
            images = functional.interpolate(
                images, whole, mode=self.interpolation, antialias=True
            ).clamp(0.0, 1.0)
        top, left = (whole[0] - size[0]) // 2, (whole[1] - size[1]) // 2
        return images[..., top : top + size[0], left : left + size[1]]


def _around(size: tuple[int, int], crop: float, images: Tensor) -> tuple[int, int]:
    """Return the height and width, in the proportions of images, of which `size` is cut out."""
    height, width = images.shape[2:]
    scale = max(int(size[0] / crop) / height, int(size[1] / crop) / width)
    return max(int(height * scale), size[0]), max(int(width * scale), size[1])
