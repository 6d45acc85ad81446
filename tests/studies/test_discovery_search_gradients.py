"""The gradients that reach the task model, and what is kept for them."""

from __future__ import annotations

import weakref
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from discovery_searches import (
    DOUBLE,
    SIDE,
    SMALL,
    make_network,
    make_search,
    make_sphere,
    random_images,
)
from torch import Tensor, nn

from taskspace.studies.discovery.maths.inner import cross_entropy, disagreement, label_gradients
from taskspace.studies.discovery.maths.online import OnlinePair, consensus_gradient
from taskspace.studies.discovery.maths.search import TaskSearch
from taskspace.studies.discovery.maths.sphere import TaskSphere


@pytest.mark.parametrize(
    ("hypergradient", "steps"), [("full", 3), ("xas", 3), ("online", 1), ("first", 1)]
)
def test_the_task_model_moves_by_the_gradient_of_finite_differences(
    hypergradient: str, steps: int
) -> None:
    """Of the whole objective, by its weights; `online` and `first` claim it for a single step."""
    options = replace(SMALL, hypergradient=hypergradient, inner_steps=steps)

    def first_step(change: tuple[int, float] | None) -> tuple[TaskSearch, float]:
        model = make_sphere().double()
        if change:
            with torch.no_grad():
                model.network[1].weight.view(-1)[change[0]] += change[1]
        search = make_search(
            options,
            model,
            images=random_images().double(),
            make_network=lambda: make_network().double(),
        )
        point = search.step()
        return search, point.loss + options.agreement * point.disagreement

    # After its first step Adam's mean is a tenth of the gradient.
    gradient = 10 * first_step(None)[0].tensors()["adam.0.mean"].flatten()
    width = 1e-5
    for place in (0, 13, 35):
        ends = [first_step((place, sign * width))[1] for sign in (1, -1)]
        assert gradient[place].item() == pytest.approx((ends[0] - ends[1]) / (2 * width), abs=2e-6)
    assert gradient.abs().max() > 1e-2


def test_online_gradient_is_that_of_one_step_of_moving_networks() -> None:
    """The second step's labels, from the weights that the first has left."""
    torch.manual_seed(0)
    networks = [make_network().double() for _ in range(2)]
    starts = [[weight.detach().clone() for weight in n.parameters()] for n in networks]
    first, second, third = random_images(36).double().split(12)
    labels = torch.randn(2, 12, 2, dtype=DOUBLE).softmax(2)
    pair = OnlinePair(networks, 0.5, first)
    pair.learn(labels[0], second)
    loss = pair.learn(labels[1], third)
    gradients = pair.label_gradient()

    free = labels[1].clone().requires_grad_()
    logs = []
    for start in starts:
        weights = [weight.requires_grad_() for weight in start]
        for images, wanted in ((first, labels[0]), (second, free)):
            own = cross_entropy(applied(weights, images), wanted)
            moves = torch.autograd.grad(own, weights, create_graph=True)
            weights = [w - 0.5 * g for w, g in zip(weights, moves, strict=True)]
        logs.append(applied(weights, third))
    expected = disagreement(*logs)
    assert loss == pytest.approx(expected.item())
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, free)[0], rtol=1e-4, atol=1e-8
    )


def test_direct_gradient_is_that_of_labels_beside_predictions() -> None:
    logs = [log.log_softmax(1) for log in torch.randn(2, 12, 3, dtype=DOUBLE)]
    labels = torch.rand(12, 3, dtype=DOUBLE, requires_grad=True)
    loss = (cross_entropy(logs[0], labels) + cross_entropy(logs[1], labels)) / 2
    (expected,) = torch.autograd.grad(loss, labels)
    torch.testing.assert_close(consensus_gradient(logs), expected)


def test_direct_search_draws_labels_to_predictions_made_before_they_are_learnt() -> None:
    networks, rows = [], []

    def observed() -> nn.Module:
        networks.append(make_network().double())
        starts.append(deepcopy(networks[-1]))
        return networks[-1]

    class Spied(TaskSphere):
        def forward(self, inputs: Tensor, numbers: Tensor) -> Tensor:
            rows.append(numbers)
            return super().forward(inputs, numbers)

    starts: list[nn.Module] = []
    sphere = make_sphere(tasks=1)
    model = Spied(sphere.network, sphere.directions).double()
    options = replace(SMALL, hypergradient="direct", inner_steps=1, uniformity=0.0)
    images = random_images().double()
    before = deepcopy(model)
    search = make_search(options, model, images=images, make_network=observed)
    search.step()
    batch = images[rows[-1]]
    labels = before.logits(before(batch, rows[-1]))[:, 0].softmax(1)
    losses = [cross_entropy(start(batch).log_softmax(1), labels) for start in starts]
    expected = options.agreement * torch.stack(losses).mean()
    (gradient,) = torch.autograd.grad(expected, [before.network[1].weight])
    torch.testing.assert_close(10 * search.tensors()["adam.0.mean"], gradient)


def applied(weights: list[Tensor], images: Tensor) -> Tensor:
    hidden = torch.tanh(images.flatten(1) @ weights[0].T + weights[1])
    return (hidden @ weights[2].T + weights[3]).log_softmax(1)


def held_bytes(steps: int, width: int, batch: int) -> int:
    """Return the most bytes that a full unroll keeps for derivatives at any moment."""
    held = most = 0

    class Kept:
        def __init__(self, tensor: Tensor) -> None:
            nonlocal held, most
            self.tensor = tensor
            size = tensor.numel() * tensor.element_size()
            held += size
            most = max(most, held)
            weakref.finalize(self, release, size)

    def release(size: int) -> None:
        nonlocal held
        held -= size

    torch.manual_seed(0)
    networks = [make_network(width=width) for _ in range(2)]
    images = torch.randn(steps, batch, 1, SIDE, SIDE)
    labels = torch.full((steps, batch, 2), 0.5)
    with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        label_gradients(networks, images, labels, images[0], rate=0.1)
    return most


def test_activations_of_one_step_are_kept_at_a_time() -> None:
    """Over K only weights are kept, and no derivative holds those: 40 steps are as 2 are."""
    assert held_bytes(40, 8, 64) == held_bytes(2, 8, 64)
    assert held_bytes(2, 8, 256) > 3 * held_bytes(2, 8, 64)
