"""Per-image losses: closed forms, and labels that are missing."""

from __future__ import annotations

import math

import pytest
import torch

from taskspace.components.losses import accuracy, cross_entropy, l1, l2


def test_closed_forms():
    logits = torch.tensor([[0.0, 0.0], [100.0, 0.0]])
    labels = torch.tensor([0, 1])
    expected = torch.tensor([math.log(2), 100.0])
    torch.testing.assert_close(cross_entropy(logits, labels).value, expected)
    assert accuracy(logits, labels).value.tolist() == [1.0, 0.0]
    ones, threes = torch.ones(2, 1, 2, 2), torch.full((2, 1, 2, 2), 3.0)
    assert l1(ones, threes).value.tolist() == [2.0, 2.0]
    assert l2(ones, threes).value.tolist() == [4.0, 4.0]


@pytest.mark.parametrize("loss", [l1, l2])
def test_missing_pixels_are_left_out_of_value_and_gradient(loss):
    prediction = torch.zeros(3, 4, requires_grad=True)
    nan = torch.nan
    target = torch.tensor([[1.0, nan, 1.0, nan], [nan] * 4, [1.0] * 4])
    value, valid = loss(prediction, target)
    assert value.tolist() == [1.0, 0.0, 1.0]
    assert valid.tolist() == [True, False, True]
    value.sum().backward()
    assert torch.isfinite(prediction.grad).all()
    assert (prediction.grad[1] == 0).all() and prediction.grad[0, 1] == 0


def test_missing_classes_are_not_valid():
    value, valid = cross_entropy(torch.zeros(2, 3), torch.tensor([-1, 2]))
    assert valid.tolist() == [False, True]
    assert torch.isfinite(value).all()


@pytest.mark.parametrize("loss", [l1, l2])
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"prediction.shape = \(2, 1\)"):
        loss(torch.zeros(2, 1), torch.zeros(2))
