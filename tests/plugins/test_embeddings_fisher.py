"""Squared gradients of filters equal those of autograd, image by image."""

from __future__ import annotations

import pytest
import torch
from embedding_networks import PROBES, probe, striped
from torch import nn
from torch.func import functional_call, grad, vmap

from taskspace_plugins.fisher import squares
from taskspace_plugins.fisher.head import ProbeHead, fit_head
from taskspace_plugins.fisher.labels import (
    label_gradients,
    multinomial_factor,
    sampled_labels,
)
from taskspace_plugins.fisher.layers import (
    ConvolutionGeometry,
    LayerCall,
    as_it_was,
    filter_layers,
)
from taskspace_plugins.fisher.monte_carlo import (
    exact_fisher,
    sampled_fisher,
    signed_fisher,
)
from taskspace_plugins.fisher.passes import features_of, pooled, squared_gradients


def by_autograd(network, layers, images, cotangents):
    """Per-sample gradients of every weight by vmap, squared and summed."""
    weights = {name: w.detach() for name, w in network.named_parameters()}

    def along(weights, image, cotangent):
        return (pooled(functional_call(network, weights, (image[None],)))[0] * cotangent).sum()

    total = 0
    for cotangent in cotangents:
        found = vmap(grad(along), in_dims=(None, 0, 0))(weights, images, cotangent)
        parts = [found[layer.name].flatten(2).square().sum(dim=2) for layer in layers]
        total = total + torch.cat(parts, dim=1)
    return total


@pytest.mark.parametrize("limit", [1, 1 << 22], ids=["one_image_at_a_time", "whole_batch"])
@pytest.mark.parametrize("linear", [False, True], ids=["convolutions", "all_layers"])
@pytest.mark.parametrize("name", PROBES)
def test_squares_equal_per_sample_gradients(name, linear, limit, monkeypatch):
    monkeypatch.setattr(squares, "MOST_NUMBERS", limit)
    network, images = probe(name), striped(6, 2).images
    layers = filter_layers(network, images[:1], linear=linear)
    generator = torch.Generator().manual_seed(1)
    cotangents = torch.randn(3, 6, pooled(network(images)).shape[1], generator=generator)
    with as_it_was(network):
        found = squared_gradients(network, layers, images, cotangents)
    wanted = by_autograd(network, layers, images, cotangents)
    assert (wanted.amax(dim=0) > 0).double().mean() > 0.9
    assert ((found - wanted).abs() <= 1e-5 * wanted.amax()).all()
    assert ((found - wanted).norm(dim=0) <= 1e-5 * wanted.norm(dim=0)).all()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_both_forms_of_the_squares_agree(groups):
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(3, 8, 5, 6, generator=generator)
    weight = torch.zeros(12, 8 // groups, 3, 2)
    call = LayerCall("layer", images, weight, ConvolutionGeometry((2, 1), (1, 0), (1, 2), groups))
    gradient = torch.randn(3, 12, 3, 4, generator=generator)
    deltas = gradient.reshape(3, groups, 12 // groups, 12)
    one = squares.squares_by_gram(squares.gram(squares.unfolded(call)), deltas).flatten(1)
    other = squares.weight_gradients(call, gradient).square().sum(dim=2)
    assert torch.allclose(one, other, rtol=1e-4)


def test_the_gram_form_is_chosen_where_it_multiplies_less():
    for size, filters, places in [(27, 64, 1024), (576, 64, 64), (576, 64, 57), (4608, 512, 1)]:
        by_products = places**2 * (filters + size)
        assert squares.by_gram(size, filters, places) == (by_products <= filters * size * places)


def test_layers_come_in_the_order_of_parameters_with_their_sizes():
    network, image = probe("residual"), striped(2, 2).images[:1]
    found = filter_layers(network, image)
    names = ["first", "inner", "down", "shortcut", "grouped", "shared"]
    assert [layer.name for layer in found] == [f"{name}.weight" for name in names]
    assert [layer.filters for layer in found] == [8, 8, 12, 12, 12, 12]
    assert [layer.size for layer in found] == [27, 72, 72, 8, 27, 12]


def test_layers_that_no_image_meets_are_no_entries():
    network = probe("plain")
    network.spare = nn.Conv2d(3, 4, 3)
    network.forward = network[0].forward
    assert [layer.name for layer in filter_layers(network, torch.rand(1, 3, 8, 8))] == ["0.weight"]


def test_a_layer_that_the_code_does_not_depend_on_has_no_information():
    class Detached(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.aside = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 2, 1)

        def forward(self, x):
            self.aside(x)
            return self.used(x)

    network, images = Detached().eval(), torch.rand(2, 3, 4, 4)
    layers = filter_layers(network, images[:1])
    with as_it_was(network):
        found = squared_gradients(network, layers, images, torch.ones(1, 2, 4))
    assert (found[:, :4] > 0).all() and (found[:, 4:] == 0).all()


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_factor_is_the_covariance_of_the_labels(classes):
    generator = torch.Generator().manual_seed(0)
    p = (4 * torch.randn(50, classes, generator=generator, dtype=torch.float64)).softmax(dim=1)
    p[0] = torch.eye(classes)[1]
    p[1] = torch.eye(classes)[-1]
    factor = multinomial_factor(p)
    assert factor.shape == (50, classes, classes - 1) and factor.isfinite().all()
    wanted = torch.diag_embed(p) - p[:, :, None] * p[:, None]
    assert torch.allclose(factor @ factor.mT, wanted, rtol=0, atol=1e-14)


def fitted(name="residual", classes=3):
    network, task = probe(name), striped(24, classes, flipped=0.3)
    features = features_of(network, task.images, 8)
    return network, task, features, fit_head(features, task.labels, classes, 0.01)


def test_the_exact_fisher_is_the_expectation_over_all_labels():
    network, task, features, head = fitted()
    layers = filter_layers(network, task.images[:1])
    p = head.probabilities(features)
    every = torch.arange(3)[:, None].expand(3, len(p))
    along = (label_gradients(p, every) * p.T.sqrt()[:, :, None]) @ head.weight
    with as_it_was(network):
        found = exact_fisher(network, layers, head, task.images, features, 7)
    squared = by_autograd(network, layers, task.images, along.float()).double()
    sizes = torch.cat([torch.full((layer.filters,), layer.size) for layer in layers])
    assert torch.allclose(found, squared.mean(dim=0) / sizes, rtol=1e-4)


def test_sampled_labels_estimate_the_exact_fisher_without_bias():
    network, task, features, head = fitted()
    layers = filter_layers(network, task.images[:1])
    p = head.probabilities(features)
    generator = torch.Generator().manual_seed(0)
    draws = 200
    with as_it_was(network):
        exact = exact_fisher(network, layers, head, task.images, features, 24).sum()
        sampled = sampled_fisher(
            network, layers, head, task.images, features, 24, draws, generator
        ).sum()
        # The variance of the estimate, from the squares of every image with every label.
        sizes = torch.cat([torch.full((layer.filters,), layer.size) for layer in layers])
        every = []
        for label in range(3):
            along = label_gradients(p, torch.full((1, len(p)), label)) @ head.weight
            squared = squared_gradients(network, layers, task.images, along)
            every.append((squared.double() / sizes).sum(dim=1))
    by_label = torch.stack(every, dim=1)
    mean = (p * by_label).sum(dim=1)
    variance = (p * (by_label - mean[:, None]).square()).sum(dim=1).mean() / (len(p) * draws)
    assert torch.isclose(mean.mean(), exact, rtol=1e-5)
    assert variance > 0
    assert abs(float((sampled - exact) / variance.sqrt())) < 3


@pytest.mark.parametrize(("classes", "draws", "off"), [(2, 1, 1e-5), (4, 200, 0.05)])
def test_random_signs_estimate_the_exact_fisher_and_are_exact_for_two_classes(classes, draws, off):
    network, task, features, head = fitted(classes=classes)
    layers = filter_layers(network, task.images[:1])
    generator = torch.Generator().manual_seed(0)
    with as_it_was(network):
        exact = exact_fisher(network, layers, head, task.images, features, 24)
        found = signed_fisher(network, layers, head, task.images, features, 7, draws, generator)
    assert (found - exact).norm() < off * exact.norm()


def test_drawn_labels_have_the_probabilities_of_the_head():
    p = torch.tensor([[0.2, 0.0, 0.8], [0.0, 1.0, 0.0]])
    labels = sampled_labels(p, 2000, torch.Generator().manual_seed(0))
    assert labels.shape == (2000, 2)
    assert (labels[:, 1] == 1).all()
    assert not (labels[:, 0] == 1).any()
    assert abs(float((labels[:, 0] == 2).double().mean()) - 0.8) < 3 * (0.16 / 2000) ** 0.5


def test_a_network_is_left_as_it_was_even_after_an_error():
    network = probe("residual").train()
    network.first.weight.requires_grad_()
    network.first.weight.grad = torch.ones_like(network.first.weight)
    network.norm.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    with pytest.raises(ZeroDivisionError), as_it_was(network, training=True):
        network(torch.rand(4, 3, 8, 8))
        assert not network.first.weight.requires_grad and network.first.weight.grad is None
        raise ZeroDivisionError
    assert [m.training for m in network.modules()].count(False) == 1 and not network.norm.training
    assert [w.requires_grad for w in network.parameters()].count(True) == 1
    assert torch.equal(network.first.weight.grad, torch.ones_like(network.first.weight))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_head_is_at_the_optimum_of_its_loss():
    features = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(40) % 3
    head = fit_head(features, labels, 3, 0.1)
    assert isinstance(head, ProbeHead)
    spread = features.double().var(dim=0, correction=0).mean().sqrt()
    weight = (head.weight * spread).clone().requires_grad_()
    bias = (head.bias + head.weight @ features.double().mean(dim=0)).requires_grad_()
    standard = (features.double() - features.double().mean(dim=0)) / spread
    logits = standard @ weight.T + bias
    loss = nn.functional.cross_entropy(logits, labels)
    (loss + 0.05 * weight.square().sum()).backward()
    assert weight.grad.abs().max() < 1e-7 and bias.grad.abs().max() < 1e-7
    assert loss.item() == pytest.approx(head.loss, rel=1e-9)


@pytest.mark.parametrize("images", [12, 60], ids=["fewer_images_than_features", "more"])
def test_a_head_follows_neither_order_nor_scale_nor_rotation(images):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(images, 20, generator=generator)
    labels = torch.randint(3, (images,), generator=generator)
    wanted = fit_head(features, labels, 3, 0.01).probabilities(features)
    order = torch.randperm(images, generator=generator)
    named = torch.tensor([2, 0, 1])
    other = 5 + 1000 * features @ torch.linalg.qr(torch.randn(20, 20, generator=generator))[0]
    found = fit_head(other[order], named[labels[order]], 3, 0.01).probabilities(other)[:, named]
    assert torch.allclose(found, wanted, atol=1e-5)
