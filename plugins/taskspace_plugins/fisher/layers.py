"""Which weights of a network are filters, and each use of them in a pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from taskspace.errors import InputError


class FilterLayer(NamedTuple):
    """A weight whose rows are filters.

    Attributes:
        name: of the parameter in the network, `layer1.0.conv1.weight`.
        filters: how many it has.
        size: weights of one filter.
    """

    name: str
    filters: int
    size: int


@dataclass(frozen=True)
class LayerCall:
    """One use of a weight: a convolution, or a linear map where `geometry` is None.

    Attributes:
        name: of the weight.
        input: [B, I, H, W], or [..., I] for a linear map; `passes` has those as [B, P, I].
        weight: [O, I / groups, kh, kw] or [O, I].
        geometry: stride, padding, dilation and groups.
    """

    name: str
    input: Tensor
    weight: Tensor
    geometry: ConvolutionGeometry | None


class ConvolutionGeometry(NamedTuple):
    """How a convolution moves over its input."""

    stride: tuple[int, int]
    padding: tuple[int, int] | str
    dilation: tuple[int, int]
    groups: int


Change = Callable[[LayerCall, Tensor], Tensor]
"""Is given a use and its output, and returns the output with which the network goes on."""

_CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")


class FilterCalls(TorchFunctionMode):
    """Sees each convolution, and linear map, with a weight of a network while it is active.

    It recognises calls by their weight and not modules by their class: layers that pad in a
    `forward` of their own, or share a weight, are seen as they compute.

    Args:
        weights: by name; other calls pass.
        change: of an output.
    """

    def __init__(self, weights: Mapping[str, Tensor], change: Change) -> None:
        super().__init__()
        self._names = {id(weight): name for name, weight in weights.items()}
        self._change = change

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what `func` returns, or what `change` makes of it where it is looked for."""
        given = dict(kwargs or {})
        output = func(*args, **given)
        if func not in (functional.conv2d, functional.linear):
            return output
        given = dict(zip(_CONVOLUTION, args, strict=False)) | given
        name = self._names.get(id(given["weight"]))
        if name is None:
            return output
        geometry = None if func is functional.linear else _geometry(given)
        return self._change(LayerCall(name, given["input"], given["weight"], geometry), output)


def _geometry(given: Mapping[str, Any]) -> ConvolutionGeometry:
    padding = given.get("padding", 0)
    return ConvolutionGeometry(
        _pair(given.get("stride", 1)),
        padding if isinstance(padding, str) else _pair(padding),
        _pair(given.get("dilation", 1)),
        int(given.get("groups", 1)),
    )


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    first, *rest = value
    return int(first), int(rest[0] if rest else first)


def filter_layers(
    network: nn.Module, image: Tensor, *, linear: bool = False
) -> tuple[FilterLayer, ...]:
    """Return the weights of 2-d convolutions, and of linear maps, that an image [1, C, H, W] meets.

    In the order of the network's parameters, so that entries of embeddings correspond.

    Raises:
        InputError: if there is none.
    """
    weights = {name: weight for name, weight in network.named_parameters() if weight.ndim in (2, 4)}
    met: dict[str, FilterLayer] = {}

    def note(call: LayerCall, output: Tensor) -> Tensor:
        if linear or call.geometry is not None:
            count = len(call.weight)
            met[call.name] = FilterLayer(call.name, count, call.weight.numel() // count)
        return output

    with torch.no_grad(), FilterCalls(weights, note):
        network(image)
    if not met:
        raise _without_filters(network, linear=linear)
    return tuple(met[name] for name in weights if name in met)


def _without_filters(network: nn.Module, *, linear: bool) -> InputError:
    leaves = (type(m).__name__ for m in network.modules() if not list(m.children()))
    counted = ", ".join(f"{count} {name}" for name, count in Counter(leaves).items())
    wanted = "2-d convolution or linear layer" if linear else "2-d convolution"
    usable = not linear and any(isinstance(m, nn.Linear) for m in network.modules())
    return InputError(
        f"The probe network computes no {wanted} whose filters could be measured; it has "
        f"{counted}.",
        advice="Set `layers: all` to measure linear layers, or use a convolutional probe."
        if usable
        else "Use a convolutional probe.",
    )


@contextmanager
def as_it_was(network: nn.Module, *, training: bool = False) -> Iterator[None]:
    """Have a network compute without gradients of its own, and put everything back afterwards.

    Modes, `requires_grad`, gradients and buffers; with `training`, its layers normalise by the
    batch.
    """
    modes = {module: module.training for module in network.modules()}
    wanted = {weight: (weight.requires_grad, weight.grad) for weight in network.parameters()}
    buffers = {buffer: buffer.clone() for buffer in network.buffers()} if training else {}
    try:
        network.train(training)
        for weight in wanted:
            weight.requires_grad_(False)
            weight.grad = None
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for weight, (asked, gradient) in wanted.items():
            weight.requires_grad_(asked)
            weight.grad = gradient
        with torch.no_grad():
            for buffer, value in buffers.items():
                buffer.copy_(value)
