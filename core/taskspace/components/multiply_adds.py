"""What a network costs; imported by what builds networks, never by what lists or checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode


def multiply_adds(network: nn.Module, shape: Sequence[int]) -> int:
    """Return the multiplications with weights that a network makes for one input.

    Those of convolutions and linear layers are counted, and of convolutions by modules that hold
    their weights themselves, such as those of EfficientNet-Lite with its own padding; sums, norms
    and activations are not.

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
    own = _OwnConvolutions(network)
    try:
        with torch.no_grad(), own:
            network.eval()(example.new_zeros(1, *shape))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return counted + own.counted


class _OwnConvolutions(TorchFunctionMode):
    """Counts multiplications by convolutions with weights that no convolution layer holds."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.counted = 0
        self._weights = {
            id(weight)
            for module in network.modules()
            if not isinstance(module, nn.Conv2d)
            for weight in module.parameters(recurse=False)
        }

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what `func` returns."""
        given = dict(kwargs or {})
        output = func(*args, **given)
        if func is functional.conv2d:
            weight = given["weight"] if "weight" in given else args[1]
            if id(weight) in self._weights:
                self.counted += output.numel() * math.prod(weight.shape[1:])
        return output
