"""What keeps tasks balanced and apart, measured on their labels instead of on points."""

from __future__ import annotations

import torch
from torch import Tensor


def label_entropy(logits: Tensor) -> Tensor:
    """Return the entropy of the mean joint label of two tasks, averaged over all pairs of tasks.

    It is highest, 2 log K, where every task is balanced and every two are independent. Of a single
    task it is the entropy of the mean label, log K at most.

    Args:
        logits: [B, T, K].
    """
    labels = logits.softmax(2)
    count, tasks, classes = labels.shape
    if tasks == 1:
        alone: Tensor = torch.special.entr(labels.mean(0)).sum()
        return alone
    flat = labels.flatten(1)
    joint = (flat.T @ flat / count).reshape(tasks, classes, tasks, classes)
    entropies = torch.special.entr(joint).sum((1, 3))
    one, other = torch.triu_indices(tasks, tasks, 1, device=logits.device)
    mean: Tensor = entropies[one, other].mean()
    return mean
