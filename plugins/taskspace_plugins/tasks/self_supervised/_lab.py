"""Colours as lightness and two opponent axes: CIE L*a*b* (ISO/CIE 11664-4) of sRGB."""

from __future__ import annotations

import torch
from torch import Tensor

# IEC 61966-2-1: linear red, green, blue to XYZ under D65. White is the sum of each row, so that
# greys have a = b = 0.
XYZ = (
    (0.4124, 0.3576, 0.1805),
    (0.2126, 0.7152, 0.0722),
    (0.0193, 0.1192, 0.9505),
)
LINEAR_BELOW = 6 / 29


def rgb_to_lab(image: Tensor) -> Tensor:
    """Return L in [0, 100], a and b of sRGB images [B, 3, ...] in [0, 1]: same shape."""
    linear = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    matrix, white = _matrix(image)
    ratio = torch.einsum("xc,bc...->bx...", matrix / white[:, None], linear)
    slope = 1 / (3 * LINEAR_BELOW**2)
    dark = ratio <= LINEAR_BELOW**3
    # Masked before the root, whose slope at 0 is infinite.
    x, y, z = torch.where(
        dark, slope * ratio + 4 / 29, torch.where(dark, 1.0, ratio) ** (1 / 3)
    ).unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """Return sRGB images [B, 3, ...] of L, a, b; colours that no screen shows are clipped."""
    lightness, a, b = lab.unbind(dim=1)
    y = (lightness + 16) / 116
    root = torch.stack([y + a / 500, y, y - b / 200], dim=1)
    linear_part = 3 * LINEAR_BELOW**2 * (root - 4 / 29)
    ratio = torch.where(root <= LINEAR_BELOW, linear_part, root**3)
    matrix, white = _matrix(lab)
    inverse = torch.linalg.inv(matrix / white[:, None])
    linear = torch.einsum("cx,bx...->bc...", inverse, ratio).clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _matrix(like: Tensor) -> tuple[Tensor, Tensor]:
    matrix = torch.tensor(XYZ, dtype=like.dtype, device=like.device)
    return matrix, matrix.sum(dim=1)
