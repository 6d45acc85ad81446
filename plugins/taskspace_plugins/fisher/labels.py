"""The expectation over labels of a Fisher information, as vectors to differentiate along."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def multinomial_factor(probabilities: Tensor) -> Tensor:
    """Return L [B, C, C - 1] with L L^T = diag(p) - p p^T, of probabilities p [B, C].

    That matrix is sum_y p_y (e_y - p)(e_y - p)^T, the covariance of log p(y|x)'s gradients by the
    logits under the model's own labels. Squared gradients along the C - 1 columns of L therefore
    add up to those along the C vectors e_y - p weighed by p_y: the expectation is exact, and with
    two classes it takes one backward pass. L is the closed Cholesky factor of Tanabe & Sagae 1992.
    """
    # q_i = sum of p after i, from the end: 1 - sum of p up to i loses all digits where q is small.
    after = probabilities.flip(1).cumsum(1).flip(1)
    here, rest, whole = probabilities[:, :-1], after[:, 1:], after[:, :-1]
    diagonal = torch.where(whole > 0, here * rest / whole, 0.0).sqrt()
    below = torch.where(rest > 0, here / (whole * rest), 0.0).sqrt()
    factor = -probabilities[:, :, None] * below[:, None, :]
    classes = probabilities.shape[1]
    rows = torch.arange(classes, device=factor.device)
    factor = torch.where(rows[:, None] > rows[None, :-1], factor, 0.0)
    factor[:, rows[:-1], rows[:-1]] = diagonal
    return factor


def sampled_labels(probabilities: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """Return labels [draws, N] drawn from probabilities [N, C], the numbers on the CPU.

    One uniform number for each label: the draw for an image does not depend on batches or devices.
    """
    count = len(probabilities)
    uniform = torch.rand(draws, count, generator=generator, dtype=torch.float64)
    steps = probabilities.double().cpu().cumsum(dim=1)
    places = torch.searchsorted(steps, uniform.T.contiguous() * steps[:, -1:], right=True)
    return places.clamp(max=probabilities.shape[1] - 1).T.to(probabilities.device)


def label_gradients(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Return e_y - p [R, B, C], the gradient of log p(y|x) by the logits, of labels y [R, B]."""
    chosen = functional.one_hot(labels, probabilities.shape[1])
    return chosen.to(probabilities.dtype) - probabilities
