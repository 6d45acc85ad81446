"""The Fisher information of filters: a mean over images, and over labels of the model's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from taskspace_plugins.fisher.head import ProbeHead
from taskspace_plugins.fisher.labels import (
    label_gradients,
    multinomial_factor,
    sampled_labels,
)
from taskspace_plugins.fisher.layers import FilterLayer
from taskspace_plugins.fisher.passes import squared_gradients


def exact_fisher(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    head: ProbeHead,
    images: Tensor,
    features: Tensor,
    batch: int,
) -> Tensor:
    """Return E_x E_{y ~ p(y|x)} of the mean over a filter of (d log p(y|x) / d w)^2, float64 [F].

    Achille et al. 2019, Sec. 2, with labels summed over: C - 1 backward passes of each image. Scale
    and value depend neither on the batch nor on the order of images or classes.

    Args:
        network: in evaluation mode, its weights without gradients, as `as_it_was` has it.
        layers: whose filters the F entries are.
        head: on the pooled codes.
        images: [N, C, H, W].
        features: their pooled codes [N, c].
        batch: images at a time.
    """

    def along(part: slice) -> Tensor:
        factor = multinomial_factor(head.probabilities(features[part]))
        return torch.permute(factor, (2, 0, 1))

    return _mean_squares(network, layers, head, images, batch, along)


def sampled_fisher(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    head: ProbeHead,
    images: Tensor,
    features: Tensor,
    batch: int,
    draws: int,
    generator: torch.Generator,
) -> Tensor:
    """Return an unbiased estimate of `exact_fisher`, float64 [F], from `draws` labels an image."""
    probabilities = head.probabilities(features)
    labels = sampled_labels(probabilities, draws, generator)

    def along(part: slice) -> Tensor:
        chosen: Tensor = label_gradients(probabilities[part], labels[:, part]) / draws**0.5
        return chosen

    return _mean_squares(network, layers, head, images, batch, along)


def signed_fisher(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    head: ProbeHead,
    images: Tensor,
    features: Tensor,
    batch: int,
    draws: int,
    generator: torch.Generator,
) -> Tensor:
    """Return an unbiased estimate of `exact_fisher`, float64 [F], from `draws` passes an image.

    Along L r with random signs r and L L^T = diag(p) - p p^T, squares have the right expectation.
    Where a head is certain, drawn labels differ from it rarely and then by much; these do not. With
    two classes it is exact.
    """
    shape = draws, len(images), head.weight.shape[0] - 1
    signs = torch.randint(2, shape, generator=generator).double() * 2 - 1

    def along(part: slice) -> Tensor:
        factor = multinomial_factor(head.probabilities(features[part]))
        mixed: Tensor = torch.einsum("bck,rbk->rbc", factor, signs[:, part].to(factor))
        scaled: Tensor = mixed / draws**0.5
        return scaled

    return _mean_squares(network, layers, head, images, batch, along)


def _mean_squares(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    head: ProbeHead,
    images: Tensor,
    batch: int,
    along: Callable[[slice], Tensor],
) -> Tensor:
    """Return the mean over images and a filter's weights of squares along logits [R, B, C]."""
    sizes = torch.tensor([layer.size for layer in layers for _ in range(layer.filters)])
    total = torch.zeros(len(sizes), dtype=torch.float64, device=images.device)
    for start in range(0, len(images), batch):
        part = slice(start, start + batch)
        cotangents = along(part) @ head.weight
        squares = squared_gradients(network, layers, images[part], cotangents)
        total += squares.double().sum(dim=0)
    return total / (len(images) * sizes.to(total.device))
