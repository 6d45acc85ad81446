"""Pictures of segments and of embeddings."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

GREY = 0.5
"""Of what is missing."""


def mean_colours(segments: Tensor, image: Tensor) -> Tensor:
    """Return each pixel in the mean colour of its segment: [B, 3, H, W]; grey where there is none.

    Args:
        segments: ids [B, H, W]; -1 is missing.
        image: [B, C, H, W] with one or three channels.
    """
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
