"""Noise as a function of whole numbers: the same on every device, in every batch and order."""

from __future__ import annotations

import math

import torch
from torch import Tensor

LOW_32 = 0xFFFFFFFF
# Odd multipliers below 2^31: a product with 32 bits fits int64, so that nothing overflows.
MIXERS = (0x7FEB352D, 0x2C1B3C6D)
COLUMN, ROW = 0x1E3779B1, 0x05EBCA77


def mixed(value: Tensor) -> Tensor:
    """Return a hash of 32 bits of int64 values: shifts and multiplications in turn."""
    value = value & LOW_32
    for multiplier in MIXERS:
        value = ((value ^ (value >> 16)) * multiplier) & LOW_32
    return value ^ (value >> 15)


def lattice_noise(u: Tensor, v: Tensor, seed: Tensor) -> Tensor:
    """Return value noise in [0, 1] at places [N]: random on whole numbers, smooth between them."""
    left, below = u.floor(), v.floor()
    across, up = _smooth(u - left), _smooth(v - below)
    key, column, row = mixed(seed), left.long(), below.long()
    near = torch.lerp(lattice(column, row, key), lattice(column + 1, row, key), across)
    far = torch.lerp(lattice(column, row + 1, key), lattice(column + 1, row + 1, key), across)
    return torch.lerp(near, far, up)


def lattice(column: Tensor, row: Tensor, key: Tensor) -> Tensor:
    """Return a random number in [0, 1) for each cell, int64 [N], of a lattice with a key."""
    return mixed((column * COLUMN) ^ (row * ROW) ^ key).to(torch.float32) / 2**32


def sensor_noise(seed: Tensor, size: int) -> Tensor:
    """Return noise [V, 3, size, size] of mean 0 and standard deviation 1 for views' seeds [V].

    It is the sum of four uniform bytes of a hash of seed, pixel and channel: near enough to
    normal, within 3.5 standard deviations, and exact on every device.
    """
    place = mixed(torch.arange(3 * size * size, device=seed.device))
    bits = mixed(place ^ mixed(seed)[:, None])
    total = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24)
    deviation = math.sqrt(4 * (256**2 - 1) / 12)
    return ((total - 510).to(torch.float32) / deviation).reshape(-1, 3, size, size)


def _smooth(fraction: Tensor) -> Tensor:
    return fraction * fraction * (3 - 2 * fraction)
