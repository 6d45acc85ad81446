"""Directions and rotations in space, as pure functions."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def angle(first: Tensor, second: Tensor, dim: int = -1) -> Tensor:
    """Return the angle in radians, [0, pi], between vectors along `dim`, of any length.

    Precise for small and for straight angles (Kahan 2006). A vector of length zero is at a right
    angle to all others, so that predicting nothing is no way to be right.
    """
    first, second = (functional.normalize(each, dim=dim) for each in (first, second))
    apart, along = ((first - second).norm(dim=dim), (first + second).norm(dim=dim))
    return 2 * torch.atan2(apart, along)


def quaternion(rotation: Tensor) -> Tensor:
    """Return the unit quaternions [..., 4], real part first, of rotation vectors [..., 3].

    A rotation vector is the axis times the angle in radians.
    """
    half = rotation.norm(dim=-1, keepdim=True) / 2
    # sin(half) / (2 half), which is 1/2 where there is no rotation.
    return torch.cat([half.cos(), rotation * torch.sinc(half / torch.pi) / 2], dim=-1)


def rotation_between(first: Tensor, second: Tensor) -> Tensor:
    """Return the angle in radians, [0, pi], that leads from one rotation to the other.

    Args:
        first, second: rotation vectors [..., 3], radians.
    """
    apart = angle(quaternion(first), quaternion(second))
    # q and -q are the same rotation.
    return 2 * torch.minimum(apart, torch.pi - apart)


def rotate(rotation: Tensor, points: Tensor) -> Tensor:
    """Return points [..., 3] turned by rotation vectors [..., 3] (Rodrigues 1840).

    Both have the same number of dimensions.
    """
    whole = quaternion(rotation)
    real, axis = whole[..., :1], whole[..., 1:]
    across = torch.linalg.cross(axis, points)
    turned: Tensor = points + 2 * (real * across + torch.linalg.cross(axis, across))
    return turned
