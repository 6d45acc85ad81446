"""The linear head: the minimum of its objective, whatever the features are scaled and turned by."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from taskspace.learning.frozen.linear_head import fit_linear_head, folds


def clusters(count: int, size: int, classes: int, seed: int = 0, spread: float = 1.0):
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = draw.normal(size=(classes, size))
    return centres[labels] + spread * draw.normal(size=(count, size)), labels


@pytest.mark.parametrize(("count", "size"), [(60, 5), (12, 40)])
def test_the_head_is_the_minimum_of_cross_entropy_and_penalty(count, size):
    features, labels = clusters(count, size, 3, spread=3.0)
    strength = 0.05
    head = fit_linear_head(features, labels, 3, seed=0, strengths=[strength])
    scaled = (features - features.mean(0)) / features.std(0)

    def objective(flat):
        weight, bias = flat[:-3].reshape(size, 3), flat[-3:]
        logits = scaled @ weight + bias
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        return -logs[np.arange(count), labels].mean() + strength / 2 * (weight**2).sum()

    # An independent minimisation in all of the features, with finite differences.
    reference = minimize(objective, np.zeros(3 * size + 3), method="BFGS", options={"gtol": 1e-7})
    own = objective(np.concatenate([head.weight.ravel(), head.bias]))
    assert own == pytest.approx(reference.fun, abs=1e-8)


def test_rotated_shifted_and_scaled_features_give_the_same_logits():
    features, labels = clusters(50, 6, 2)
    other = features * np.array([1, 10, 0.1, 3, 1, 2]) + 7
    ours, theirs = (fit_linear_head(x, labels, 2, seed=1).logits(x) for x in (features, other))
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_classes_by_other_numbers_give_the_same_logits():
    features, labels = clusters(60, 6, 3, spread=2.0)
    order = np.array([2, 0, 1])
    ours = fit_linear_head(features, labels, 3, seed=1, strengths=[0.1]).logits(features)
    theirs = fit_linear_head(features, order[labels], 3, seed=1, strengths=[0.1]).logits(features)
    np.testing.assert_allclose(ours, theirs[:, order], atol=1e-4)


def test_the_strength_is_chosen_where_it_matters():
    features, labels = clusters(40, 60, 2, spread=6.0)
    tests, truth = clusters(4000, 60, 2, spread=6.0)[0:2]
    error = {
        strengths: np.mean(
            fit_linear_head(features, labels, 2, 0, strengths).logits(tests).argmax(1) != truth
        )
        for strengths in ((1e-3,), (1e-3, 1e-2, 1e-1, 1.0, 10.0))
    }
    assert error[1e-3, 1e-2, 1e-1, 1.0, 10.0] <= error[(1e-3,)] + 0.01


def test_constant_features_are_no_matter():
    features, labels = clusters(30, 4, 2)
    padded = np.hstack([features, np.full((30, 2), 3.25)])
    ours = fit_linear_head(features, labels, 2, seed=0).logits(features)
    theirs = fit_linear_head(padded, labels, 2, seed=0).logits(padded)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    blind = fit_linear_head(np.ones((30, 3)), labels, 2, seed=0).logits(np.ones((1, 3)))
    np.testing.assert_allclose(blind, blind[:, ::-1], atol=1e-6)


def test_folds_deal_every_class_evenly():
    labels = np.array([0] * 9 + [1] * 4 + [2])
    fold = folds(labels, 4, seed=3)
    for own in range(3):
        counts = np.bincount(fold[labels == own], minlength=4)
        assert counts.max() - counts.min() <= 1
