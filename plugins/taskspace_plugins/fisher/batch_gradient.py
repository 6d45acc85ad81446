"""The Fisher information as the public implementation of Task2Vec estimates it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from taskspace_plugins.fisher.head import ProbeHead
from taskspace_plugins.fisher.labels import sampled_labels
from taskspace_plugins.fisher.layers import FilterLayer, as_it_was
from taskspace_plugins.fisher.passes import pooled


def batch_gradient_fisher(
    network: nn.Module,
    layers: Sequence[FilterLayer],
    head: ProbeHead,
    images: Tensor,
    batch: int,
    draws: int,
    generator: torch.Generator,
) -> Tensor:
    """Return the mean over batches of the squared gradient of a batch's mean loss, float64 [F].

    For comparison. With B independent images a batch and a network that computes them alone it
    estimates 1 / B of `exact_fisher`, from N / B numbers where that has N; and layers normalise by
    the batch here, as in training. So the scale depends on `batch`, and the norm does not say how
    difficult a task is.

    Args:
        network: whose weights ask for no gradient before and afterwards.
        layers: whose filters the F entries are.
        head: on the pooled codes.
        images: [N, C, H, W].
        batch: images of a gradient.
        draws: how often each image is used, each time with a label of its own.
        generator: of the order and the labels, on the CPU.
    """
    weights = dict(network.named_parameters())
    chosen = [weights[layer.name] for layer in layers]
    sizes = torch.tensor([layer.size for layer in layers for _ in range(layer.filters)])
    total = torch.zeros(len(sizes), dtype=torch.float64, device=images.device)
    classifier = head.weight.to(images.dtype), head.bias.to(images.dtype)
    count = 0
    with as_it_was(network, training=True):
        for weight in chosen:
            weight.requires_grad_()
        for _ in range(draws):
            order = torch.randperm(len(images), generator=generator).to(images.device)
            # A smaller batch at the end would have another scale.
            whole = max(1, len(order) // batch) * batch
            for part in torch.split(order[:whole], batch):
                with torch.enable_grad():
                    logits = functional.linear(pooled(network(images[part])), *classifier)
                    labels = sampled_labels(logits.detach().softmax(dim=1), 1, generator)[0]
                    loss = functional.cross_entropy(logits, labels)
                gradients = torch.autograd.grad(loss, chosen)
                squares = [g.flatten(1).double().square().sum(dim=1) for g in gradients]
                total += torch.cat(squares)
                count += 1
    return total / (count * sizes.to(total.device))
