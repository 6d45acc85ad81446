"""Statistics of an image, as pure functions: edges, blobs, moments, thickness of strokes.

Bright is ink, dark is paper. Colours count by their mean.
"""

from __future__ import annotations

import math
from math import ceil

import torch
from torch import Tensor
from torch.nn import functional

REACH = 4
"""The kernel is cut at this many deviations, where it is 3e-4 of its peak."""


def grey(image: Tensor) -> Tensor:
    """Return the mean over channels: [B, C, H, W] to [B, H, W]."""
    return image.mean(dim=1)


def sobel_magnitude(image: Tensor) -> Tensor:
    """Return the length of the Sobel gradient of grey images [B, H, W], same shape.

    In units of a step edge: a vertical or horizontal jump from 0 to 1 gives 1 on both sides. The
    border is continued, so it is no edge.
    """
    padded = functional.pad(image[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    along = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    horizontal = down[:, :, 2:] - down[:, :, :-2]
    vertical = along[:, 2:] - along[:, :-2]
    return torch.hypot(horizontal, vertical) / 4


def blob_response(image: Tensor, sigma: float) -> Tensor:
    """Return how much of a blob grey images [B, H, W] in [0, 1] have at each pixel: [B, H, W].

    With H the second derivatives of the image under a Gaussian of `sigma` pixels, this is
    e sigma^2 sqrt(max(0, det H)): scale-normalised (Lindeberg 1998, eq. 13), and linear in
    contrast by the root. sqrt(det H) is at most half the Laplacian, which is largest, at
    2 / (e sigma^2), for a disk of radius sqrt(2) sigma that is black on white or white on black. So
    that disk has 1 in its middle and nothing has more; edges and even areas have 0. Differences
    between pixels stand for derivatives, which takes a tenth off at sigma = 1.5 and 1 % at 5.
    """
    smooth = functional.pad(gaussian_blur(image, sigma)[:, None], (1, 1, 1, 1), mode="replicate")
    smooth = smooth[:, 0]
    middle = smooth[:, 1:-1, 1:-1]
    xx = smooth[:, 1:-1, 2:] - 2 * middle + smooth[:, 1:-1, :-2]
    yy = smooth[:, 2:, 1:-1] - 2 * middle + smooth[:, :-2, 1:-1]
    xy = smooth[:, 2:, 2:] - smooth[:, 2:, :-2] - smooth[:, :-2, 2:] + smooth[:, :-2, :-2]
    determinant = xx * yy - (xy / 4).square()
    # Differences between pixels can pass the continuous maximum by a rounding.
    return (math.e * sigma**2 * determinant.clamp(min=0).sqrt()).clamp(max=1)


def ink_moments(ink: Tensor) -> Tensor:
    """Return mass, centroid and second moments of grey images [B, H, W] in [0, 1]: [B, 6].

    Coordinates run from -1 to 1 over the image, x to the right and y down. In order:

    0. mass: 2 mean(ink) - 1;
    1. 2. centroid: x, y;
    3. 4. spread: sqrt(3) times the standard deviation of x and of y, minus 1;
    5. three times the covariance of x and y.

    Everything lies in [-1, 1] (a spread can reach 0.74) and is 0 for an evenly lit image of
    brightness 1/2, up to the size of a pixel. All but the mass are NaN where there is no ink.
    """
    total = ink.sum(dim=(1, 2))
    x, y = (_coordinates(side, ink) for side in (ink.shape[2], ink.shape[1]))
    columns, rows = ink.sum(dim=1), ink.sum(dim=2)
    x_mean, y_mean = columns @ x / total, rows @ y / total
    x_variance = (columns * (x - x_mean[:, None]).square()).sum(dim=1) / total
    y_variance = (rows * (y - y_mean[:, None]).square()).sum(dim=1) / total
    covariance = torch.einsum("bhw,h,w->b", ink, y, x) / total - x_mean * y_mean
    mass = 2 * ink.mean(dim=(1, 2)) - 1
    spreads = [(3 * variance).sqrt() - 1 for variance in (x_variance, y_variance)]
    return torch.stack([mass, x_mean, y_mean, *spreads, 3 * covariance], dim=1)


def mean_thickness(ink: Tensor) -> Tensor:
    """Return the mean thickness of strokes, in pixels, of grey images [B, H, W]: [B].

    A stroke of length L and thickness w << L has the area w L and the perimeter 2 L, so the
    thickness is twice the area over the perimeter. The area is the sum of the ink; the perimeter,
    averaged over all thresholds, is the total variation of the image (the coarea formula, Fleming
    and Rishel 1960), so that grey pixels count as the part of them that is covered. A disk of
    radius r has the thickness r. Beyond the border there is no ink. NaN where there is none at all.
    """
    paper = functional.pad(ink, (1, 1, 1, 1))
    right, down = paper.diff(dim=2), paper.diff(dim=1)
    # At the corners of pixels, so that no direction is favoured: differences at the pixels make
    # a disk's perimeter 7 % too long, and another one for its mirror image.
    x = (right[:, :-1] + right[:, 1:]) / 2
    y = (down[:, :, :-1] + down[:, :, 1:]) / 2
    perimeter = torch.hypot(x, y).sum(dim=(1, 2))
    return 2 * ink.sum(dim=(1, 2)) / perimeter


def _coordinates(side: int, like: Tensor) -> Tensor:
    """Return the centres of `side` pixels that span [-1, 1]."""
    centres = torch.arange(side, dtype=like.dtype, device=like.device) + 0.5
    return centres * (2 / side) - 1


def gaussian_blur(image: Tensor, sigma: float) -> Tensor:
    """Return grey images [B, H, W] under a Gaussian of `sigma` pixels, same shape.

    The border is continued, so an even image stays as it is. With sigma 0 nothing changes.
    """
    if sigma == 0:
        return image
    reach = ceil(REACH * sigma)
    place = torch.arange(-reach, reach + 1, dtype=image.dtype, device=image.device)
    kernel = (-0.5 * (place / sigma).square()).exp()
    kernel = kernel / kernel.sum()
    padded = functional.pad(image[:, None], (reach, reach, reach, reach), mode="replicate")
    across = functional.conv2d(padded, kernel[None, None, None, :])
    return functional.conv2d(across, kernel[None, None, :, None])[:, 0]
