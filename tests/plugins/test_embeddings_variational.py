"""The variational embedding: its closed form where the loss is quadratic, and its state."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from embedding_networks import probe, striped
from torch import nn

from taskspace_plugins.embeddings.task2vec import Task2Vec
from taskspace_plugins.fisher.layers import as_it_was, filter_layers
from taskspace_plugins.fisher.variational import (
    mean_squares,
    optimal_noise,
    weight_noise,
)

BETA = 0.1


def linear_model():
    """Three filters on four numbers, a quadratic loss that weighs them, and its Hessian [3]."""
    generator = torch.Generator().manual_seed(0)
    network = nn.Conv2d(4, 3, 1, bias=False).eval()
    with torch.no_grad():
        network.weight.copy_(torch.randn(3, 4, 1, 1, generator=generator))
    images = torch.randn(64, 4, 1, 1, generator=generator)
    # Near what the model says, as after training: else Adam's noise hides the optimum.
    truth = network(images).detach().flatten(1)
    truth = truth + 0.1 * torch.randn(64, 3, generator=generator)
    weigh = torch.tensor([1.0, 2.0, 4.0])

    def loss(codes, rows):
        return ((codes - truth[rows]).square() * weigh).sum(dim=1) / 2

    return network, images, loss, (weigh * images.square().mean()).double()


def fitted(start, *, prior, steps=400):
    network, images, loss, hessian = linear_model()
    layers = filter_layers(network, images[:1])
    with as_it_was(network):
        found = weight_noise(
            network,
            layers,
            images,
            loss,
            start,
            beta=BETA,
            steps=steps,
            batch=64,
            generator=torch.Generator().manual_seed(1),
            prior=prior,
        )
    return found, hessian, torch.cat(mean_squares(network, layers))


@pytest.mark.parametrize("factor", [0.5, 2.0], ids=["from_below", "from_above"])
def test_the_precision_of_a_linear_model_is_the_closed_form(factor):
    prior = 0.5
    wanted = 1 / (1 / prior + linear_model()[3] / BETA)
    found, hessian, _ = fitted(factor * wanted, prior=prior)
    assert torch.allclose(optimal_noise(hessian, torch.tensor(prior), BETA), wanted)
    assert torch.allclose(found.variance, wanted, rtol=0.08)
    assert torch.equal(found.prior, torch.full((3,), prior, dtype=torch.float64))


def test_the_prior_is_the_mean_of_squared_weights_and_noise():
    found, hessian, squares = fitted(torch.full((3,), 0.05), prior=None)
    assert torch.allclose(found.prior, (found.variance + squares).mean().expand(3))
    assert torch.allclose(found.variance, optimal_noise(hessian, found.prior, BETA), rtol=0.08)


def test_noise_of_outputs_has_the_variance_of_noise_of_weights():
    network, images = probe("residual"), striped(1, 2).images
    layer = [each for each in filter_layers(network, images) if each.name == "grouped.weight"]
    plain = network.grouped.weight.clone()
    generator = torch.Generator().manual_seed(0)
    variance = torch.linspace(0.01, 0.1, 12)
    seen = []
    network.grouped.register_forward_hook(
        lambda module, given, output: seen.append(output.detach().clone())
    )

    def loss(codes, rows):
        return codes[:, 0] * 0

    with as_it_was(network):
        for _ in range(300):
            network.grouped.weight.copy_(
                plain + variance.sqrt()[:, None, None, None] * torch.randn(plain.shape,
                                                                           generator=generator)
            )  # fmt: skip
            network(images)
        by_weights = torch.stack(seen).var(dim=0)
        seen.clear()
        network.grouped.weight.copy_(plain)
        for _ in range(300):
            weight_noise(network, layer, images, loss, variance, beta=1e-9, steps=2, batch=1,
                         generator=generator, prior=1.0)  # fmt: skip
        by_outputs = torch.stack(seen[::2]).var(dim=0)
    ratio = (by_outputs.mean(dim=(0, 2, 3)) / by_weights.mean(dim=(0, 2, 3))).numpy()
    # Places share weights and so their noise: 300 draws of a filter, not 300 of each place.
    assert np.all(np.abs(ratio - 1) < 0.4) and abs(ratio.mean() - 1) < 0.1


def test_the_component_gives_precisions_above_those_of_the_trivial_task():
    network, task = probe("plain"), striped(32, 2, flipped=0.2)
    embedding = Task2Vec(method="variational", steps=20, batch=16)
    found = embedding.embed(network, task, torch.Generator().manual_seed(0))
    assert found.vector.shape == found.base.shape == (24,)
    assert (found.base > 0).all() and len(set(found.base[:8])) == 1
    assert embedding.difficulty(found) == pytest.approx(np.linalg.norm(found.vector - found.base))
    again = embedding.embed(network, task, torch.Generator().manual_seed(0))
    assert np.array_equal(found.vector, again.vector)


def test_to_second_order_both_methods_measure_the_same():
    network, task = probe("plain"), striped(64, 2, flipped=0.3)
    fisher = Task2Vec().embed(network, task, torch.Generator()).vector
    # Noise that is small beside the weights, for which the second order is all there is.
    embedding = Task2Vec(method="variational", steps=100, beta=1e-6 * float(fisher.mean()))
    found = embedding.embed(network, task, torch.Generator().manual_seed(0))
    used = fisher > fisher.max() / 100
    assert np.corrcoef(np.log(found.vector[used]), np.log(fisher[used]))[0, 1] > 0.95
