"""Squared gradients of filters, image by image, from a layer's input and its output's gradient."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.grad import conv2d_weight

from taskspace_plugins.fisher.layers import LayerCall

MOST_NUMBERS = 1 << 22
"""Of patches or weight gradients that are held at a time: 16 MiB in 32 bits."""


def by_gram(size: int, filters: int, places: int) -> bool:
    """Return whether the Gram matrix of patches costs less than the weights' gradients.

    P^2 (O + K) multiplications an image against O K P, for `filters` O of `size` K and P places.
    """
    return places * (filters + size) <= filters * size


def gram(patches: Tensor) -> Tensor:
    """Return U^T U [B, G, P, P] of patches U [B, G, K, P]."""
    return patches.mT @ patches


def squares_by_gram(products: Tensor, deltas: Tensor) -> Tensor:
    """Return d^T (U^T U) d [B, G, O] of `gram`'s U^T U and deltas d [B, G, O, P].

    The gradient of a filter is U d, so this is its squared norm, and U d is never formed.
    """
    return ((deltas @ products) * deltas).sum(dim=3)


def unfolded(call: LayerCall) -> Tensor:
    """Return the patches [B, G, K, P] that a layer's filters see."""
    if call.geometry is None:
        return call.input.mT[:, None]
    images, padding = _padded(call.input, call)
    stride, _, dilation, groups = call.geometry
    kernel = (call.weight.shape[2], call.weight.shape[3])
    if kernel == (1, 1) and padding == (0, 0):
        columns = images[:, :, :: stride[0], :: stride[1]].flatten(2)
    else:
        columns = functional.unfold(images, kernel, dilation, padding, stride)
    return columns.reshape(len(columns), groups, -1, columns.shape[2])


def weight_gradients(call: LayerCall, gradient: Tensor) -> Tensor:
    """Return the gradients [B, O, K] of a layer's weights, image by image.

    A batch of B images is one image of B times the channels whose groups do not mix: a convolution
    that the library has, and no patches.

    Args:
        call: the layer and its input.
        gradient: at its output.
    """
    if call.geometry is None:
        return gradient.mT @ call.input
    images, padding = _padded(call.input, call)
    stride, _, dilation, groups = call.geometry
    count, filters = gradient.shape[:2]
    found: Tensor = conv2d_weight(  # type: ignore[no-untyped-call]
        images.reshape(1, -1, *images.shape[2:]),
        (count * filters, *call.weight.shape[1:]),
        gradient.reshape(1, -1, *gradient.shape[2:]),
        stride,
        padding,
        dilation,
        count * groups,
    )
    return found.reshape(count, filters, -1)


def _padded(images: Tensor, call: LayerCall) -> tuple[Tensor, tuple[int, int]]:
    """Return the input with what padding a number a side cannot say, and the padding left."""
    assert call.geometry is not None, "linear maps have none"
    padding = call.geometry.padding
    if not isinstance(padding, str):
        return images, padding
    if padding == "valid":
        return images, (0, 0)
    rows, columns = (
        d * (k - 1) for k, d in zip(call.weight.shape[2:], call.geometry.dilation, strict=True)
    )
    sides = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    return functional.pad(images, sides), (0, 0)


class LayerSquares:
    """The squares of one layer for one batch, whose Gram matrices several passes share.

    Args:
        calls: the uses of one weight in a pass.
        passes: how many gradients there will be.
    """

    def __init__(self, calls: list[LayerCall], passes: int) -> None:
        self._calls = calls
        self._passes = passes
        self._grams: dict[int, Tensor] = {}

    def of(self, gradients: list[Tensor | None]) -> Tensor:
        """Return the squared gradient of each filter [B, O].

        Args:
            gradients: at the outputs of the uses; None where the result does not depend on one.
        """
        used = [(c, g) for c, g in zip(self._calls, gradients, strict=True) if g is not None]
        weight, images = self._calls[0].weight, len(self._calls[0].input)
        filters, size = len(weight), weight[0].numel()
        if not used:
            return weight.new_zeros(images, filters)
        groups = used[0][0].geometry.groups if used[0][0].geometry else 1
        places = sum(gradient[0].numel() for _, gradient in used) // filters
        small = by_gram(size, filters // groups * self._passes, places)
        held = groups * places * (size + places) if small else filters * size
        step = max(1, MOST_NUMBERS // held)
        parts = []
        for start in range(0, images, step):
            here = slice(start, start + step)
            chosen = [(replace(c, input=c.input[here]), gradient[here]) for c, gradient in used]
            if small:
                deltas = [_by_group(call, gradient, groups) for call, gradient in chosen]
                parts.append(squares_by_gram(self._gram(start, chosen), _joined(deltas)).flatten(1))
            else:
                found = sum(weight_gradients(*one) for one in chosen)
                parts.append(torch.as_tensor(found).square().sum(dim=2))
        return _joined(parts, dim=0)

    def _gram(self, start: int, chosen: list[tuple[LayerCall, Tensor]]) -> Tensor:
        if start not in self._grams:
            self._grams[start] = gram(_joined([unfolded(call) for call, _ in chosen]))
        return self._grams[start]


def _joined(parts: list[Tensor], dim: int = 3) -> Tensor:
    # torch.cat copies what stands alone, too.
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)


def _by_group(call: LayerCall, gradient: Tensor, groups: int) -> Tensor:
    """Return a gradient at a layer's output as [B, G, O / G, P]."""
    if call.geometry is None:
        return gradient.mT[:, None]
    images, filters = gradient.shape[:2]
    return gradient.reshape(images, groups, filters // groups, -1)
