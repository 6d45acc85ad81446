"""Squared gradients of filters, image by image, from a layer's input and its output's gradient."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from taskspace_plugins.embeddings.fisher.layers import Geometry, LayerCall

MOST_NUMBERS = 1 << 22
"""Of patches and weight gradients that are held at a time: 16 MiB in 32 bits."""


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


def squares_by_weights(patches: Tensor, deltas: Tensor) -> Tensor:
    """Return |U d|^2 [B, G, O] of patches U [B, G, K, P] and deltas d [B, G, O, P]."""
    return (deltas @ patches.mT).square().sum(dim=3)


def unfolded(call: LayerCall, images: slice) -> Tensor:
    """Return the patches [B, G, K, P] that a layer's filters see of some of the images."""
    chosen = call.input.detach()[images]
    if call.geometry is None:
        return chosen.mT[:, None]
    stride, padding, dilation, groups = call.geometry
    kernel = (call.weight.shape[2], call.weight.shape[3])
    if isinstance(padding, str):
        chosen = functional.pad(chosen, _same(kernel, dilation) if padding == "same" else (0,) * 4)
        padding = (0, 0)
    if kernel == (1, 1) and padding == (0, 0):
        columns = chosen[:, :, :: stride[0], :: stride[1]].flatten(2)
    else:
        columns = functional.unfold(chosen, kernel, dilation, padding, stride)
    return columns.reshape(len(columns), groups, -1, columns.shape[2])


def _same(kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, ...]:
    rows, columns = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
    return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2


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
        """Return the squared gradient of each filter [B, filters].

        Args:
            gradients: at the outputs of the uses; None where the result does not depend on one.
        """
        used = [(c, g) for c, g in zip(self._calls, gradients, strict=True) if g is not None]
        if not used:
            first = self._calls[0]
            return first.input.new_zeros(len(first.input), len(first.weight))
        deltas = torch.cat([_by_group(c.geometry, g.detach()) for c, g in used], dim=3)
        images, groups, filters, places = deltas.shape
        size = used[0][0].weight[0].numel()
        small = by_gram(size, filters * self._passes, places)
        held = groups * (size * places + (places * places if small else filters * size))
        step = max(1, MOST_NUMBERS // held)
        parts = []
        for start in range(0, images, step):
            chosen = slice(start, start + step)
            if small and start in self._grams:
                parts.append(squares_by_gram(self._grams[start], deltas[chosen]))
                continue
            patches = torch.cat([unfolded(call, chosen) for call, _ in used], dim=3)
            if small:
                products = gram(patches)
                if self._passes > 1:
                    self._grams[start] = products
                parts.append(squares_by_gram(products, deltas[chosen]))
            else:
                parts.append(squares_by_weights(patches, deltas[chosen]))
        return torch.cat(parts).flatten(1)


def _by_group(geometry: Geometry | None, gradient: Tensor) -> Tensor:
    """Return a gradient at a layer's output as [B, G, O / G, P]."""
    if geometry is None:
        return gradient.mT[:, None]
    images, filters = gradient.shape[:2]
    return gradient.reshape(images, geometry.groups, filters // geometry.groups, -1)
