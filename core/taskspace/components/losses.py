"""Per-image losses [B] with validity [B]; imported by tasks, never by what lists or checks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components.task import Loss


def cross_entropy(prediction: Tensor, target: Tensor) -> Loss:
    """Return -log softmax(prediction)[target] for logits [B, K] and ids [B]; -1 is missing."""
    valid = target >= 0
    value = functional.cross_entropy(prediction, target.clamp(min=0), reduction="none")
    return Loss(value, valid)


def accuracy(prediction: Tensor, target: Tensor) -> Loss:
    """Return 1 where the largest logit [B, K] is at the class id [B], else 0; -1 is missing."""
    return Loss((prediction.argmax(dim=1) == target).to(prediction.dtype), target >= 0)


def l1(prediction: Tensor, target: Tensor) -> Loss:
    """Return the mean absolute error over all but the batch; NaN in the target is missing."""
    return _masked(prediction, target, torch.abs)


def l2(prediction: Tensor, target: Tensor) -> Loss:
    """Return the mean squared error over all but the batch; NaN in the target is missing."""
    return _masked(prediction, target, torch.square)


def _masked(prediction: Tensor, target: Tensor, penalty: Callable[[Tensor], Tensor]) -> Loss:
    if prediction.shape != target.shape:
        raise ValueError(
            f"Found prediction.shape = {tuple(prediction.shape)} and "
            f"target.shape = {tuple(target.shape)}; they must be equal."
        )
    present = ~torch.isnan(target)
    count = present.flatten(1).sum(dim=1)
    # Masked before the subtraction: 0 x NaN in the backward pass is NaN.
    error = torch.where(present, prediction - torch.where(present, target, 0.0), 0.0)
    return Loss(penalty(error).flatten(1).sum(dim=1) / count.clamp(min=1), count > 0)
