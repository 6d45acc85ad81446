"""The Fisher information of the last layer: the closed form, and what the slides say of it."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn


@pytest.fixture(scope="module")
def maths():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield importlib.import_module("last_layer_fisher")


def drawn(maths, seed=0, count=300, width=10):
    """Points, their features and a labelling by a line."""
    generator = np.random.default_rng(seed)
    points = generator.uniform(0, 1, (count, 2))
    phi = maths.features(points, maths.random_relu(width, generator))
    return points, phi, points[:, 0] + 0.4 * points[:, 1] > 0.7


def fitted(maths, phi, labels, penalty=1e-3):
    """The probabilities of the fitted head."""
    return 1 / (1 + np.exp(-phi @ maths.fit_head(phi, labels, penalty)))


def test_the_closed_form_is_the_mean_of_squared_gradients_per_sample(maths):
    """Against autograd: the expectation over both labels of the gradient's outer product."""
    generator = np.random.default_rng(0)
    relu = maths.random_relu(10, generator)
    points = torch.tensor(generator.uniform(0, 1, (200, 2)))
    hidden = nn.Linear(2, 10).double()
    hidden.weight.data, hidden.bias.data = torch.tensor(relu[:, :2]), torch.tensor(relu[:, 2])
    weights = torch.tensor(generator.standard_normal(10))

    def log_likelihood(weights, point, label):
        logit = torch.relu(hidden(point)) @ weights
        return nn.functional.logsigmoid(torch.where(label, logit, -logit))

    per_sample = torch.func.vmap(torch.func.grad(log_likelihood), (None, 0, None))
    expected = torch.zeros(10, 10, dtype=torch.float64)
    likely = torch.sigmoid(torch.relu(hidden(points)) @ weights).detach()
    for label in (True, False):
        gradients = per_sample(weights, points, torch.tensor(label))
        share = likely if label else 1 - likely
        expected += (gradients * share[:, None]).T @ gradients / len(points)
    phi = maths.features(points.numpy(), relu)
    closed = maths.fisher(phi, 1 / (1 + np.exp(-phi @ weights.numpy())))
    assert np.abs(closed - expected.detach().numpy()).max() < 1e-10
    assert np.abs(closed).max() > 1e-3


def test_the_divergence_after_a_small_step_is_half_the_quadratic_form(maths):
    _, phi, labels = drawn(maths)
    weights = maths.fit_head(phi, labels, 1e-3)
    step = np.random.default_rng(1).standard_normal(10) * 1e-3
    before, after = (1 / (1 + np.exp(-phi @ w)) for w in (weights, weights + step))
    divergence = np.mean(
        before * np.log(before / after) + (1 - before) * np.log((1 - before) / (1 - after))
    )
    assert divergence == pytest.approx(step @ maths.fisher(phi, before) @ step / 2, rel=1e-2)


@given(seed=st.integers(0, 200))
def test_exchanging_the_labels_changes_nothing(maths, seed):
    _, phi, labels = drawn(maths, seed)
    own, other = (maths.fisher(phi, fitted(maths, phi, each)) for each in (labels, ~labels))
    np.testing.assert_allclose(own, other, rtol=0, atol=1e-9)


@given(seed=st.integers(0, 200))
def test_no_task_has_more_information_than_a_quarter_of_its_domain(maths, seed):
    _, phi, labels = drawn(maths, seed)
    rest = maths.domain(phi) / 4 - maths.fisher(phi, fitted(maths, phi, labels))
    assert np.linalg.eigvalsh(rest).min() > -1e-12


def test_labels_that_are_coins_give_a_quarter_of_the_domain(maths):
    generator = np.random.default_rng(0)
    _, phi, _ = drawn(maths, count=40_000)
    coins = generator.uniform(size=len(phi)) < 0.5
    matrix = maths.fisher(phi, fitted(maths, phi, coins))
    np.testing.assert_allclose(matrix, maths.domain(phi) / 4, rtol=1e-3)


def test_the_domain_sees_points_and_no_labels(maths):
    points, phi, _ = drawn(maths)
    left = phi[points[:, 0] < 0.5]
    assert np.linalg.norm(maths.domain(phi) - maths.domain(left)) > 0.1


@pytest.mark.parametrize("penalty", [1e-6, 1e-3, 1.0])
def test_the_head_has_no_slope_left(maths, penalty):
    _, phi, labels = drawn(maths)
    weights = torch.tensor(maths.fit_head(phi, labels, penalty), requires_grad=True)
    logits = torch.tensor(phi) @ weights
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(labels).double())
    (slope,) = torch.autograd.grad(entropy + penalty / 2 * weights @ weights, weights)
    assert slope.abs().max() < 1e-9


def test_a_head_without_a_penalty_is_refused(maths):
    with pytest.raises(ValueError, match="has to be positive"):
        maths.fit_head(*drawn(maths)[1:], 0.0)


def test_features_start_on_lines_through_the_square(maths):
    relu = maths.random_relu(200, np.random.default_rng(0))
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    heights = corners @ relu[:, :2].T + relu[:, 2]
    assert (heights.min(axis=0) < 0).all()
    assert (heights.max(axis=0) > 0).all()


def test_distances_are_those_of_pairs(maths):
    matrices = np.random.default_rng(0).standard_normal((4, 3, 3))
    far, turned = maths.distances(matrices), maths.cosine_distances(matrices)
    assert far[1, 3] == pytest.approx(np.sqrt(((matrices[1] - matrices[3]) ** 2).sum()))
    cosine = (matrices[1] * matrices[3]).sum() / (
        np.linalg.norm(matrices[1]) * np.linalg.norm(matrices[3])
    )
    assert turned[1, 3] == pytest.approx(1 - cosine)
    assert np.abs(maths.cosine_distances(np.stack([matrices[0], 5 * matrices[0]]))).max() < 1e-12
