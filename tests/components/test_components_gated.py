"""What gated networks and those who train them exchange, and what a network costs."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from taskspace.components.gated import one_task_each, pair_weights, pairs_of, task_losses
from taskspace.components.multiply_adds import multiply_adds


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=6))
def test_pairs_go_by_task_and_then_by_row(rows):
    pairs = pairs_of(torch.tensor(rows, dtype=torch.bool).reshape(-1, 3))
    wanted = [(t, r) for t in range(3) for r in range(len(rows)) if rows[r][t]]
    assert list(zip(pairs.task.tolist(), pairs.row.tolist(), strict=True)) == wanted


def test_a_row_of_no_task_asks_for_nothing():
    asked = one_task_each(torch.tensor([2, -1, 0]), 3)
    assert asked.tolist() == [[False, False, True], [False] * 3, [True, False, False]]


def test_losses_are_means_over_what_counts_and_say_which_tasks_are_there():
    values = torch.tensor([1.0, 3.0, math.nan, 5.0, math.nan])
    valid = torch.tensor([True, True, False, True, False])
    task = torch.tensor([0, 0, 0, 2, 3])
    found = task_losses(values, valid, task, 4)
    assert found.value.tolist() == [2, 0, 5, 0]
    assert found.present.tolist() == [True, False, True, False]


def test_the_weights_of_pairs_add_up_to_the_weighted_losses_of_tasks():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(20, generator=generator, requires_grad=True)
    valid = torch.rand(20, generator=generator) < 0.7
    task = torch.randint(4, (20,), generator=generator).sort().values
    task_weights = torch.rand(4, generator=generator)
    by_task = (task_weights * task_losses(values, valid, task, 4).value).sum()
    by_pair = (pair_weights(task_weights, valid, task) * values).sum()
    assert torch.allclose(by_task, by_pair)
    first, second = (torch.autograd.grad(number, values)[0] for number in (by_task, by_pair))
    assert torch.allclose(first, second)


def test_a_missing_loss_that_is_no_number_leaves_gradients_finite():
    values = torch.tensor([1.0, math.nan], requires_grad=True)
    valid = torch.tensor([True, False])
    task_losses(values, valid, torch.tensor([0, 0]), 1).value.sum().backward()
    assert values.grad.tolist() == [1, 0]


NETWORKS = {
    "convolution": (nn.Conv2d(3, 8, 3, padding=1), (3, 5, 7), 8 * 35 * 27),
    "strided": (nn.Conv2d(3, 8, 3, stride=2), (3, 5, 7), 8 * 6 * 27),
    "groups": (nn.Conv2d(4, 8, 3, groups=2, padding=1), (4, 5, 5), 8 * 25 * 18),
    "transposed": (nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1), (4, 3, 3), 9 * 4 * 2 * 16),
    "linear": (nn.Linear(6, 5), (6,), 30),
    "several": (
        nn.Sequential(nn.Flatten(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1)),
        (2, 4),
        36,
    ),
    "none": (nn.ReLU(), (2, 4), 0),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_multiply_adds_are_counted_by_hand_too(name):
    network, shape, wanted = NETWORKS[name]
    assert multiply_adds(network, shape) == wanted


def test_counting_leaves_the_network_as_it_was():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    multiply_adds(network, (1, 4, 4))
    assert network.training
    assert not network[0]._forward_hooks
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
