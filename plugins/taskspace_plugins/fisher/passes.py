"""One forward pass of a network and several backward ones, each squared filter by filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from taskspace.errors import InputError
from taskspace_plugins.fisher.layers import FilterCalls, FilterLayer, LayerCall
from taskspace_plugins.fisher.squares import LayerSquares


def pooled(codes: Tensor) -> Tensor:
    """Return the mean over places [B, c] of codes [B, c, ...]."""
    return codes.flatten(2).mean(dim=2) if codes.ndim > 2 else codes


def features_of(network: nn.Module, images: Tensor, batch: int) -> Tensor:
    """Return the pooled codes [N, c] of images [N, C, H, W], `batch` at a time."""
    with torch.no_grad():
        return torch.cat([pooled(network(part)) for part in torch.split(images, batch)])


def squared_gradients(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    images: Tensor,
    cotangents: Tensor,
) -> Tensor:
    """Return sum_r sum_j (d (v_r . phi) / d w_fj)^2 [B, F]: image by image, filter by filter.

    The network is one whose output for an image depends on that image alone, in evaluation mode,
    and whose weights ask for no gradient: `as_it_was`. What autograd then computes is the gradient
    at the layers' outputs; gradients of weights are formed only where that is cheaper than the Gram
    matrix of patches.

    Args:
        layers: whose filters, in this order, are the F entries.
        images: [B, C, H, W].
        cotangents: v [R, B, c], R vectors on the pooled codes phi of each image.
    """
    weights = dict(network.named_parameters())
    tape = _Tape({layer.name: weights[layer.name] for layer in layers}, len(images))
    with torch.enable_grad(), FilterCalls(tape.weights, tape.note):
        features = pooled(network(images))
    calls = tape.calls
    layer_squares = {name: LayerSquares(each, len(cotangents)) for name, each in calls.items()}
    total = {layer.name: images.new_zeros(len(images), layer.filters) for layer in layers}
    for number, cotangent in enumerate(cotangents.to(features.dtype)):
        tape.gradients.clear()
        if features.requires_grad:
            last = number == len(cotangents) - 1
            torch.autograd.grad(
                features, tape.starts, cotangent, retain_graph=not last, allow_unused=True
            )
        for name, squares in layer_squares.items():
            places = range(len(calls[name]))
            total[name] += squares.of([tape.gradients.get((name, place)) for place in places])
    return torch.cat([total[layer.name] for layer in layers], dim=1)


class _Tape:
    """The uses of weights in a forward pass, and in a backward one the gradients at their outputs.

    Gradients come by hooks on outputs, which are called with the gradient before any later change
    in place (ReLU often is one); asking for the gradient by the output would give that after it.
    """

    def __init__(self, weights: Mapping[str, Tensor], images: int) -> None:
        self.weights = weights
        self.calls: dict[str, list[LayerCall]] = defaultdict(list)
        self.gradients: dict[tuple[str, int], Tensor] = {}
        self.starts: list[Tensor] = []
        self._images = images

    def note(self, call: LayerCall, output: Tensor) -> Tensor:
        """Return the output, from which gradients are heard of."""
        if call.geometry is not None and len(call.input) != self._images:
            raise InputError(
                f"The layer {call.name} of the probe network computes {len(call.input)} inputs for "
                f"{self._images} images, so what is each image's cannot be told.",
                advice="Use a probe whose convolutions see each image once.",
            )
        if not output.requires_grad:
            # Nothing before it asks for gradients. A copy may be changed in place, a leaf may not.
            start = output.detach().requires_grad_()
            self.starts.append(start)
            output = start.clone()
        key = call.name, len(self.calls[call.name])
        self.calls[call.name].append(self._by_image(call))
        output.register_hook(  # type: ignore[no-untyped-call]
            lambda gradient: self._hear(key, call, gradient)
        )
        return output

    def _hear(self, key: tuple[str, int], call: LayerCall, gradient: Tensor) -> None:
        if call.geometry is None:
            gradient = gradient.reshape(self._images, -1, gradient.shape[-1])
        self.gradients[key] = gradient

    def _by_image(self, call: LayerCall) -> LayerCall:
        if call.geometry is not None:
            return replace(call, input=call.input.detach())
        # Windows and tokens of an image stand one behind the other.
        rows = call.input.detach().reshape(self._images, -1, call.input.shape[-1])
        return replace(call, input=rows)
