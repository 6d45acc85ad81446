"""A published classifier on codes."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def linear_head(weight: Tensor, bias: Tensor) -> nn.Module:
    """Return a linear classifier of the means over places, [B, D, h, w] -> [B, classes].

    Args:
        weight: [classes, D].
        bias: [classes].
    """
    classes, features = weight.shape
    layer = nn.Linear(features, classes)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), layer)
