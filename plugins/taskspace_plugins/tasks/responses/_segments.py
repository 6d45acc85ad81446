"""What tasks share that embed pixels so that segments can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pydantic
import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components import DenseHead, Field, Loss
from taskspace_plugins.tasks._labelled import GivenOrDerived, checked_shape
from taskspace_plugins.tasks.responses._contrast import pair_contrast

SIDE = 64
"""The side of an image in pixels at which `scale` is the paper's k."""

TINY = 24
"""Images with fewer pixels a side are embedded pixel by pixel."""

GREY = 0.5
"""Of what is missing."""


class SegmentTask(GivenOrDerived):
    """A vector for each pixel: near within a superpixel, far between superpixels.

    Which segments there are differs from image to image, so that they are no classes.
    """

    metric: ClassVar[str] = "contrastive"

    embedding: int = pydantic.Field(
        64, ge=1, le=1024, description="Numbers in the vector of a pixel."
    )
    stride: int | None = pydantic.Field(
        None,
        ge=1,
        le=64,
        description="One vector for each square of this many pixels a side; null is 4, and 1 for "
        f"images of fewer than {TINY} pixels a side. At 1, a 64x64 image has 262,144 numbers to "
        "predict, which costs 10 to 50 times as much as other tasks do.",
    )
    scale: float = pydantic.Field(
        40.0,
        gt=0,
        description="How much larger segments are preferred (`k` of Felzenszwalb and Huttenlocher "
        "2004), for images of 64x64 pixels; it grows with the side of the image.",
    )
    sigma: float = pydantic.Field(
        0.5, ge=0, description="Deviation in pixels of the Gaussian blur before."
    )
    min_size: float = pydantic.Field(
        0.005, ge=0, lt=1, description="The smallest segment, as a share of the image."
    )

    def superpixels(self, image: np.ndarray) -> np.ndarray:
        """Return the superpixel of each pixel of an image [H, W, C]: int64 [H, W]."""
        return superpixels(image, self.scale, self.sigma, self.min_size)

    def head(self, fields: Mapping[str, Field]) -> DenseHead:
        """Return a vector for each place.

        Raises:
            DataError: if the dataset has the labels in another size than the images.
        """
        if self.name in fields:
            checked_shape(fields, self.name, fields["image"].shape[1:], self.name)
        return DenseHead(self.embedding, self._step(fields["image"].shape[1:]))

    def loss(self, prediction: Tensor, target: Tensor) -> Loss:
        """Return the contrastive loss [B] of embeddings [B, E, rows, columns].

        With a stride, the segment of a place is that of the pixel in the middle of its square.

        Args:
            prediction: [B, E, ceil(H / stride), ceil(W / stride)].
            target: ids [B, H, W]; -1 is missing.
        """
        return pair_contrast(prediction, _middles(target, self._step(target.shape[1:])))

    def _step(self, side: Sequence[int]) -> int:
        if self.stride is None:
            return 1 if min(side) < TINY else 4
        return self.stride

    def picture(self, values: Tensor, input: Tensor) -> Tensor:
        """Return segments [B, H, W] in their mean colours, or embeddings by three components."""
        if values.ndim == 3:
            return mean_colours(values, input)
        return embedding_colours(values, (input.shape[-2], input.shape[-1]))


def _middles(target: Tensor, stride: int) -> Tensor:
    """Return the ids of the pixels in the middle of each square: [B, rows, columns]."""
    if stride == 1:
        return target
    rows, columns = (
        (torch.arange(0, side, stride, device=target.device) + stride // 2).clamp(max=side - 1)
        for side in target.shape[1:]
    )
    return target[:, rows[:, None], columns]


def superpixels(image: np.ndarray, scale: float, sigma: float, min_size: float) -> np.ndarray:
    """Return the segment of each pixel: int64 [H, W], numbered from 0.

    The paper takes k = 150 for sides of 128 pixels and 300 for 320x240, which is in proportion to
    the side.

    Args:
        image: [H, W, C] in [0, 1], of any number of channels.
        scale: k at a side of 64 pixels; the larger, the larger the segments.
        sigma: deviation in pixels of the blur before.
        min_size: of a segment, as a share of the image; smaller ones join their nearest neighbour.
    """
    # Importing it takes a while, and most of what imports this module never segments.
    from skimage.segmentation import felzenszwalb  # noqa: PLC0415

    height, width = image.shape[:2]
    ids = felzenszwalb(
        image.astype(np.float64),
        scale=scale * float(np.sqrt(height * width)) / SIDE,
        sigma=sigma,
        min_size=max(1, round(min_size * height * width)),
        channel_axis=-1,
    )
    return np.asarray(ids, dtype=np.int64)


def mean_colours(segments: Tensor, image: Tensor) -> Tensor:
    """Return each pixel in the mean colour of its segment: [B, 3, H, W]; grey where there is none.

    Args:
        segments: ids [B, H, W]; -1 is missing.
        image: [B, C, H, W]; other channels than three become one grey.
    """
    image = image if image.shape[1] == 3 else image.mean(dim=1, keepdim=True)
    return torch.stack(
        [
            _mean_colours(ids.flatten(), pixels.expand(3, -1, -1).flatten(1)).view(3, *ids.shape)
            for ids, pixels in zip(segments, image, strict=True)
        ]
    )


def _mean_colours(ids: Tensor, pixels: Tensor) -> Tensor:
    """Return [3, N] for ids [N] and pixels [3, N]."""
    present, place = torch.unique(ids, return_inverse=True)
    total = pixels.new_zeros(3, len(present)).index_add_(1, place, pixels)
    count = pixels.new_zeros(len(present)).index_add_(0, place, torch.ones_like(pixels[0]))
    return torch.where(ids < 0, GREY, (total / count)[:, place])


def embedding_colours(embedding: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the first three principal components of each image's embeddings as red, green, blue.

    All three are in units of four deviations of the first, about grey. The sign of a component,
    which is arbitrary, makes its largest weight positive.

    Args:
        embedding: [B, E, rows, columns].
        size: of the pictures; places are enlarged without smoothing.
    """
    points = embedding.flatten(2)
    points = points - points.mean(dim=2, keepdim=True)
    variances, directions = torch.linalg.eigh(points @ points.mT / points.shape[2])
    directions = directions[..., -3:].flip(-1)
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    components = (directions * largest.sign()).mT @ points
    components = functional.pad(components, (0, 0, 0, 3 - components.shape[1]))
    spread = variances[:, -1].clamp(min=0).sqrt()[:, None, None]
    safe = torch.where(spread > 0, spread, 1.0)
    colours = (GREY + components / (4 * safe)).clamp(0, 1)
    return functional.interpolate(
        colours.reshape(-1, 3, *embedding.shape[2:]), size, mode="nearest"
    )
