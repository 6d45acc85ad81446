"""What a model costs for an image, in operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from taskspace.components.multiply_adds import multiply_adds


def model_multiply_adds(network: nn.Module, shape: Sequence[int]) -> int:
    """Return the multiplications with weights that a model makes for one image.

    Those of convolutions and linear layers are counted, and of convolutions by modules that hold
    their weights themselves, such as those of EfficientNet-Lite with its own padding.

    Args:
        network: of images [1, *shape]; it is run once, in evaluation mode.
        shape: of an image, without the batch.
    """
    own = _OwnConvolutions(network)
    with own:
        layers = multiply_adds(network, shape)
    return layers + own.counted


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
