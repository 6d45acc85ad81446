"""Derivatives by labels of what networks do that learn from them."""

from __future__ import annotations

import gc

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from taskspace.studies.discovery.maths.inner import (
    Moved,
    cross_entropy,
    disagreement,
    label_gradients,
)

STEPS, BATCH, CLASSES, RATE = 4, 6, 3, 0.3


def plain() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, CLASSES))


def normalised() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, 2, 1),
        nn.BatchNorm2d(4),
        nn.Softplus(),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )


class World:
    """Two networks, batches, labels and images that nobody learns from, in 64 bits."""

    def __init__(self, build) -> None:
        torch.manual_seed(0)
        self.networks = [build().double(), build().double()]
        self.images = torch.randn(STEPS, BATCH, 1, 4, 4, dtype=torch.float64)
        self.labels = torch.randn(STEPS, BATCH, CLASSES, dtype=torch.float64).softmax(2)
        self.held_out = torch.randn(9, 1, 4, 4, dtype=torch.float64)

    def moved(self, labels: Tensor | None = None, **options) -> Moved:
        return label_gradients(
            self.networks,
            self.images,
            self.labels if labels is None else labels,
            self.held_out,
            rate=RATE,
            **options,
        )


@pytest.mark.parametrize("proxy", ["held_out", "fresh"])
@pytest.mark.parametrize("build", [plain, normalised])
def test_the_full_derivative_is_that_of_finite_differences(build, proxy) -> None:
    world = World(build)
    found = world.moved(proxy=proxy).gradients
    width = 1e-5
    for step, row, column in ((0, 1, 2), (1, 0, 0), (2, 5, 1), (3, 3, 2)):
        ends = []
        for sign in (1, -1):
            labels = world.labels.clone()
            labels[step, row, column] += sign * width
            ends.append(world.moved(labels, proxy=proxy).loss)
        expected = (ends[0] - ends[1]) / (2 * width)
        assert found[step, row, column].item() == pytest.approx(expected, abs=1e-9)
    assert found.abs().max() > 1e-4


def test_the_full_derivative_is_that_of_an_unrolled_graph() -> None:
    world = World(plain)
    labels = world.labels.clone().requires_grad_()
    weights = [dict(network.named_parameters()) for network in world.networks]
    for images, wanted in zip(world.images, labels, strict=True):
        for number, network in enumerate(world.networks):
            logs = functional_call(network, weights[number], (images,)).log_softmax(1)
            own = weights[number]
            gradients = torch.autograd.grad(
                cross_entropy(logs, wanted), list(own.values()), create_graph=True
            )
            weights[number] = {
                name: value - RATE * gradient
                for (name, value), gradient in zip(own.items(), gradients, strict=True)
            }
    last = [
        functional_call(network, own, (world.held_out,)).log_softmax(1)
        for network, own in zip(world.networks, weights, strict=True)
    ]
    (expected,) = torch.autograd.grad(disagreement(*last), labels)
    torch.testing.assert_close(world.moved().gradients, expected)


def test_one_step_has_no_curvature_to_leave_out() -> None:
    world = World(plain)
    world.images, world.labels = world.images[:1], world.labels[:1]
    full, first = world.moved(order="full"), world.moved(order="first")
    torch.testing.assert_close(full.gradients, first.gradients, rtol=1e-5, atol=1e-9)


def test_networks_keep_their_weights_and_statistics() -> None:
    world = World(normalised)
    before = {name: value.clone() for name, value in world.networks[0].state_dict().items()}
    world.moved()
    after = world.networks[0].state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_of_equal_networks_the_disagreement_is_the_entropy_of_what_they_say() -> None:
    logs = torch.randn(5, CLASSES).log_softmax(1)
    entropy = -(logs.exp() * logs).sum(1).mean()
    torch.testing.assert_close(disagreement(logs, logs), entropy)


def test_what_is_learnt_is_seen() -> None:
    torch.manual_seed(1)
    networks = [nn.Sequential(nn.Flatten(), nn.Linear(4, 2)) for _ in range(2)]
    images = torch.randn(30, 32, 1, 2, 2)
    sides = (images[:, :, 0, 0, 0] > 0).long()
    labels = nn.functional.one_hot(sides, 2).float()
    learnt = label_gradients(networks, images, labels, images[0], rate=2.0, order="first").learnt
    chance = label_gradients(
        networks, images, labels[torch.randperm(30)], images[0], rate=2.0, order="first"
    ).learnt
    assert learnt > 0.9 and chance < 0.65


def storage_of(tensor: Tensor) -> tuple[int, int] | None:
    """Return where the numbers of a tensor are and how many bytes; None of one without any."""
    try:
        return tensor.data_ptr(), tensor.untyped_storage().nbytes()
    except (NotImplementedError, RuntimeError):  # what traces of other tests have left
        return None


def bytes_after(steps: int, width: int, batch: int) -> int:
    """Return the bytes of all tensors once two networks have made so many steps."""
    held = []

    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Sequential(nn.Flatten(), nn.Linear(16, width), nn.Linear(width, 2))

        def forward(self, images: Tensor) -> Tensor:
            if len(images) != batch:
                every = [each for each in gc.get_objects() if type(each) in {Tensor, nn.Parameter}]
                held.append(sum(dict(filter(None, map(storage_of, every))).values()))
            return self.network(images)

    gc.collect()
    images = torch.randn(batch, 1, 4, 4).expand(steps, -1, -1, -1, -1)
    labels = torch.full((1, batch, 2), 0.5).expand(steps, -1, -1)
    label_gradients([Watched(), Watched()], images, labels, torch.randn(3, 1, 4, 4), rate=0.1)
    return held[0]


@pytest.mark.parametrize(("width", "batch"), [(8, 16), (8, 256), (32, 16)])
def test_a_step_more_keeps_both_networks_weights_and_nothing_else(width: int, batch: int) -> None:
    """What graphs hold besides is that of one step (`test_discovery_search_gradients`)."""
    weights = 4 * (16 * width + width + 2 * width + 2)
    small = 4 * batch  # numbers of a batch's losses at most
    grown = bytes_after(30, width, batch) - bytes_after(10, width, batch)
    assert abs(grown - 20 * 2 * weights) < small
