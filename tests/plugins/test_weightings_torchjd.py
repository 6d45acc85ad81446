"""The adapter to torchjd against the papers' algorithms, on two tasks whose gradients conflict."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import get_args

import numpy as np
import pytest
import torch

from taskspace.components.gated import TaskLosses
from taskspace.errors import InputError
from taskspace_plugins.weightings import torchjd
from taskspace_plugins.weightings.torchjd import Aggregator, TorchJd

ROWS = torch.tensor([[1.0, 2.0, 0.5], [0.5, -1.5, 1.0]])


def combined(rows: torch.Tensor = ROWS, **parameters) -> torch.Tensor:
    """Return the gradient that the shared parameters get."""
    weighting = TorchJd(**parameters)
    if (missing := weighting.missing()) is not None:
        pytest.skip(missing)
    count = len(rows)
    losses = TaskLosses(torch.ones(count), torch.ones(count, dtype=torch.bool))
    draws = torch.Generator().manual_seed(0)
    found = weighting.build(count)(losses, rows @ rows.T, generator=draws)
    assert torch.allclose(found.own, torch.full((count,), 1 / count))
    return found.shared @ rows


def test_pcgrad_takes_from_each_gradient_what_conflicts():
    first, second = ROWS
    product = first @ second
    assert product < 0
    wanted = (first - product / (second @ second) * second) + (
        second - product / (first @ first) * first
    )
    assert torch.allclose(combined(aggregator="pcgrad"), wanted / 2, atol=1e-5)


def test_pcgrad_is_the_mean_where_nothing_conflicts():
    rows = ROWS.abs()
    assert torch.allclose(combined(rows, aggregator="pcgrad"), rows.mean(dim=0), atol=1e-6)


def test_mgda_is_the_shortest_point_between_the_gradients():
    first, second = ROWS
    share = ((second - first) @ second / (first - second).square().sum()).clamp(0, 1)
    wanted = share * first + (1 - share) * second
    assert torch.allclose(combined(aggregator="mgda"), wanted, atol=1e-3)


@pytest.mark.parametrize("radius", [0.2, 0.7])
def test_cagrad_is_the_dual_optimum(radius):
    found = combined(aggregator="cagrad", radius=radius).numpy()
    rows = ROWS.numpy().astype(np.float64)
    centre = rows.mean(axis=0)
    reach = radius * np.linalg.norm(centre)
    shares = np.linspace(0, 1, 20001)
    mixed = np.outer(shares, rows[0]) + np.outer(1 - shares, rows[1])
    best = mixed[np.argmin(mixed @ centre + reach * np.linalg.norm(mixed, axis=1))]
    wanted = centre + reach * best / np.linalg.norm(best)
    assert np.allclose(found, wanted, atol=2e-3)


@pytest.mark.parametrize("aggregator", ["imtl_g", "aligned_mtl", "upgrad"])
def test_no_task_gets_worse_to_first_order(aggregator):
    assert bool((ROWS @ combined(aggregator=aggregator) >= -1e-5).all())


def test_the_same_order_is_drawn_from_the_same_generator():
    rows = torch.randn(6, 4, generator=torch.Generator().manual_seed(2))
    torch.manual_seed(0)
    first = combined(rows, aggregator="pcgrad")
    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert torch.equal(combined(rows, aggregator="pcgrad"), first)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("aggregator", get_args(Aggregator))
def test_a_gradient_that_is_no_number_makes_no_error_and_no_number(aggregator):
    weighting = TorchJd(aggregator=aggregator)
    if (missing := weighting.missing()) is not None:
        pytest.skip(missing)
    losses = TaskLosses(torch.ones(3), torch.tensor([True, True, False]))
    broken = torch.tensor([[1.0, math.nan, 0], [math.nan, math.nan, 0], [0, 0, 0]])
    found = weighting.build(3)(losses, broken)
    assert found.own.tolist() == [0.5, 0.5, 0]
    assert found.shared.isnan().tolist() == [True, True, False]


def test_what_is_not_installed_is_said_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(torchjd, "find_spec", lambda name: None)
    assert TorchJd().missing() == "Install torchjd: `pip install 'taskspace[torchjd]'`."
    with pytest.raises(InputError, match="cannot use 'mgda' here") as caught:
        TorchJd(aggregator="mgda").build(2)
    assert "pip install 'taskspace[torchjd]'" in str(caught.value)


@pytest.mark.parametrize(
    ("aggregator", "said"),
    [
        ("cagrad", "Install cvxpy and clarabel: `pip install 'taskspace[torchjd]'`."),
        ("upgrad", "Install quadprog and qpsolvers: `pip install 'torchjd[quadprog_projector]'`."),
    ],
)
def test_what_an_aggregator_needs_besides_is_said(aggregator, said, monkeypatch):
    only = find_spec("torch")
    monkeypatch.setattr(torchjd, "find_spec", lambda name: only if name == "torchjd" else None)
    assert TorchJd(aggregator=aggregator).missing() == said
    assert TorchJd(aggregator="pcgrad").missing() is None
