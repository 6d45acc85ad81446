"""The precision of weights under noise: how much of it a task bears, filter by filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace_plugins.fisher.layers import FilterCalls, FilterLayer, LayerCall
from taskspace_plugins.fisher.passes import pooled

LEARNING_RATE = 1e-2
SMALLEST = 1e-12
"""Added to a patch's squared norm, whose root has no derivative at 0."""

Loss = Callable[[Tensor, Tensor], Tensor]
"""From pooled codes [B, c] and which images they are of [B] to the loss of each [B]."""


@dataclass(frozen=True)
class WeightNoise:
    """Gaussian noise on the weights of filters.

    Attributes:
        variance: v [F], the same for all weights of a filter.
        prior: v0 [F], the same for all filters of a layer.
    """

    variance: Tensor
    prior: Tensor


def mean_squares(network: nn.Module, layers: Sequence[FilterLayer]) -> list[Tensor]:
    """Return the mean squared weight of each filter, float64 [O], layer by layer."""
    weights = dict(network.named_parameters())
    return [weights[layer.name].detach().flatten(1).double().square().mean(1) for layer in layers]


def optimal_noise(fisher: Tensor, prior: Tensor, beta: float) -> Tensor:
    """Return v = 1 / (1 / v0 + F / beta) [F]: the optimum of `weight_noise` to second order."""
    return 1 / (1 / prior + fisher / beta)


def weight_noise(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    images: Tensor,
    loss: Loss,
    start: Tensor,
    *,
    beta: float,
    steps: int,
    batch: int,
    generator: torch.Generator,
    prior: float | None = None,
) -> WeightNoise:
    """Return the noise that minimises E[mean loss] + beta KL (Achille et al. 2019, Sec. 2.1).

    The noise is N(0, v_f) on the k weights w_f of filter f, the prior of a layer N(0, v0), so that
    KL = 1/2 sum_f k (v_f / v0 + mean(w_f^2) / v0 - 1 - log(v_f / v0)). To second order the expected
    loss grows by k v_f F_f / 2, with F_f the mean over the filter of the diagonal Hessian of the
    mean loss: the Fisher information where the loss is the model's own log-likelihood. Setting the
    derivative by v_f to 0 gives

        1 / v_f = 1 / v0 + F_f / beta,

    exact where the loss is quadratic. (The seminar's slide has v = beta / 2N (H + beta lambda^2 /
    2N)^-1: its beta / 2N is beta here, and its lambda^2 is a precision, 1 / v0.) The best v0 is the
    mean over a layer of v_f + mean(w_f^2), and is put in at every step.

    Outputs are sampled and not weights (local reparameterisation, Kingma et al. 2015): an image's
    output has the variance v_f |patch|^2. Logarithms of variances follow Adam; those of the second
    half of the steps are averaged.

    Args:
        network: in evaluation mode, its weights without gradients, as `as_it_was` has it.
        layers: which get noise.
        images: [N, C, H, W].
        loss: of pooled codes.
        start: variances [F] to start from.
        beta: how much the KL counts beside the mean loss, above 0.
        steps: of Adam, at least 2.
        batch: images in a step.
        generator: of batches and noise, on the CPU.
        prior: v0 of all layers where it is not to be found.
    """
    squares = mean_squares(network, layers)
    sizes = [layer.filters for layer in layers]
    logs = [part.log().double().requires_grad_() for part in torch.split(start, sizes)]
    optimizer = torch.optim.Adam(logs, lr=LEARNING_RATE)
    sums = [torch.zeros_like(part) for part in logs]
    weights = dict(network.named_parameters())
    noisy = _noisy({layer.name: log for layer, log in zip(layers, logs, strict=True)}, generator)
    calls = FilterCalls({layer.name: weights[layer.name] for layer in layers}, noisy)
    order = torch.empty(0, dtype=torch.int64)
    for step in range(steps):
        if len(order) < min(batch, len(images)):
            order = torch.cat([order, torch.randperm(len(images), generator=generator)])
        rows, order = order[:batch].to(images.device), order[batch:]
        with torch.enable_grad():
            with calls:
                features = pooled(network(images[rows]))
            divergence = torch.zeros((), dtype=torch.float64, device=images.device)
            for layer, log, square in zip(layers, logs, squares, strict=True):
                before = _prior(log.detach(), square, prior)
                ratio = log - before.log()
                terms = ratio.exp() + square / before - 1 - ratio
                divergence = divergence + layer.size / 2 * terms.sum()
            objective = loss(features, rows).double().mean() + beta * divergence
        optimizer.zero_grad()
        torch.autograd.backward(objective, inputs=logs)
        optimizer.step()
        if step >= steps // 2:
            for total, log in zip(sums, logs, strict=True):
                total.add_(log.detach())
    averages = [total / (steps - steps // 2) for total in sums]
    priors = [
        _prior(average, square, prior).expand(len(square))
        for average, square in zip(averages, squares, strict=True)
    ]
    return WeightNoise(torch.cat(averages).exp(), torch.cat(priors))


def _prior(log: Tensor, square: Tensor, fixed: float | None) -> Tensor:
    return torch.full_like(log[0], fixed) if fixed is not None else (log.exp() + square).mean()


def _noisy(
    logs: dict[str, Tensor], generator: torch.Generator
) -> Callable[[LayerCall, Tensor], Tensor]:
    """Return what adds to an output the noise that noise of its weights would make."""

    def change(call: LayerCall, output: Tensor) -> Tensor:
        variance = logs[call.name].exp().to(output.dtype)
        noise = torch.randn(output.shape, generator=generator).to(output)
        if call.geometry is None:
            power = call.input.square().sum(dim=-1, keepdim=True) * variance
        else:
            stride, padding, dilation, groups = call.geometry
            ones = torch.ones_like(call.weight[:groups])
            patches = call.input.square()
            power = functional.conv2d(patches, ones, None, stride, padding, dilation, groups)
            power = power.repeat_interleave(len(variance) // groups, dim=1)
            power = power * variance[:, None, None]
        return output + (power + SMALLEST).sqrt() * noise

    return change
