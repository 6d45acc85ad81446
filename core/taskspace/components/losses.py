"""Per-image losses [B] with validity [B]; imported by tasks, never by what lists or checks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from taskspace.components.task import Loss


def cross_entropy(prediction: Tensor, target: Tensor) -> Loss:
    """Return -log softmax(prediction)[target], the mean over the labelled places of each image.

    Args:
        prediction: logits [B, K] or [B, K, H, W].
        target: class ids [B] or [B, H, W]; -1 is missing.
    """
    value = functional.cross_entropy(prediction, target.clamp(min=0), reduction="none")
    return _over_places(value, target >= 0)


def accuracy(prediction: Tensor, target: Tensor) -> Loss:
    """Return the share of an image's labelled places where the largest logit is at the class id.

    Args:
        prediction: logits [B, K] or [B, K, H, W].
        target: class ids [B] or [B, H, W]; -1 is missing.
    """
    right = (prediction.argmax(dim=1) == target).to(prediction.dtype)
    return _over_places(right, target >= 0)


def l1(prediction: Tensor, target: Tensor) -> Loss:
    """Return the mean absolute error over all but the batch; NaN in the target is missing."""
    return _masked(prediction, target, torch.abs)


def l2(prediction: Tensor, target: Tensor) -> Loss:
    """Return the mean squared error over all but the batch; NaN in the target is missing."""
    return _masked(prediction, target, torch.square)


def _over_places(value: Tensor, present: Tensor) -> Loss:
    """Return the mean [B] of values [B, ...] where they are present, and whether any is."""
    if value.ndim == 1:
        return Loss(value, present)
    count = present.flatten(1).sum(dim=1)
    total = torch.where(present, value, 0.0).flatten(1).sum(dim=1)
    return Loss(total / count.clamp(min=1), count > 0)


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
