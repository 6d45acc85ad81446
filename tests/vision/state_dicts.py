"""Networks of other packages as somebody has trained them: weights and statistics all different."""

from __future__ import annotations

import torch
from torch import Tensor, nn

IMAGES = torch.rand(3, 3, 40, 40, generator=torch.Generator().manual_seed(5))
"""Of another size than any network wants."""


def as_trained(network: nn.Module) -> nn.Module:
    """Return a network in evaluation mode whose statistics are no longer 0 and 1."""
    generator = torch.Generator().manual_seed(2)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for statistic, least in ((layer.running_mean, -0.1), (layer.running_var, 0.8)):
                assert statistic is not None
                drawn = torch.rand(statistic.shape, generator=generator)
                statistic.copy_(least + 0.2 * drawn)
    return network.eval()


def tensors_of(network: nn.Module) -> dict[str, Tensor]:
    """Return a network's state dict with tensors of their own, as safetensors wants them."""
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def agree(first: Tensor, second: Tensor) -> bool:
    """Return whether numbers are equal to 1e-5 of the largest."""
    return bool((first - second).abs().max() <= 1e-5 * second.abs().max())
