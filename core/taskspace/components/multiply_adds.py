"""What a network costs; imported by what builds networks, never by what lists or checks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def multiply_adds(network: nn.Module, shape: Sequence[int]) -> int:
    """Return the multiplications with weights that a network makes for one input.

    Those of convolutions and linear layers are counted; sums, norms and activations are not.

    Args:
        network: of inputs [1, *shape]; it is run once, in evaluation mode.
        shape: of an input, without the batch.
    """
    counted = 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal counted
        if isinstance(layer, nn.ConvTranspose2d):
            counted += inputs[0].numel() * math.prod(layer.weight.shape[1:])
        elif isinstance(layer, nn.Conv2d):
            counted += output.numel() * math.prod(layer.weight.shape[1:])
        elif isinstance(layer, nn.Linear):
            counted += output.numel() * layer.in_features

    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, kinds)]
    training = network.training
    example = next(network.parameters(), torch.empty(0))
    try:
        with torch.no_grad():
            network.eval()(example.new_zeros(1, *shape))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return counted
