"""A linear classifier on features, fitted to its optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor
from torch.nn import functional

MOST_STEPS = 2000
TOLERANCE = 1e-8
"""Largest entry of the gradient of the mean loss at the optimum."""


@dataclass(frozen=True)
class ProbeHead:
    """A linear classifier, in 64 bits.

    Attributes:
        weight: [C, D].
        bias: [C].
        loss: mean cross-entropy of the images that it was fitted to, in nats.
        steps: of the optimiser.
    """

    weight: Tensor
    bias: Tensor
    loss: float
    steps: int

    def probabilities(self, features: Tensor) -> Tensor:
        """Return p(y|x) [N, C] of features [N, D]."""
        return (features.double() @ self.weight.T + self.bias).softmax(dim=1)


def fit_head(features: Tensor, labels: Tensor, classes: int, decay: float) -> ProbeHead:
    """Return the head that minimises mean cross-entropy + decay / 2 |W|^2, by L-BFGS in 64 bits.

    W acts on features of mean 0, divided by one number, the root of their mean variance, so that
    `decay` means the same for every network; the returned weights act on the features as they are.
    Dividing each feature by its own deviation would give the largest gradients to features that
    hardly any image has. The problem is strictly convex in W (the bias is free up to a constant,
    which starts and stays at 0): the optimum depends neither on the order of images and classes nor
    on where the search begins.

    Args:
        features: [N, D], finite.
        labels: [N], in [0, classes).
        classes: C.
        decay: above 0.
    """
    given = features.double()
    centre = given.mean(dim=0)
    spread = given.var(dim=0, correction=0).mean().sqrt()
    scale = 1 / spread if float(spread) > 0 else torch.zeros_like(spread)
    # The penalty is the same in any rotation: with fewer images than features, N numbers each do.
    standard = (given - centre) * scale
    rotation: Tensor | None = None
    if len(standard) < standard.shape[1]:
        left, lengths, rotation = torch.linalg.svd(standard, full_matrices=False)
        standard = left * lengths
    size = standard.shape[1]
    wanted = functional.one_hot(labels, classes).double()

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        whole = torch.from_numpy(flat).to(standard.device).view(classes, size + 1)
        weight, bias = whole[:, :-1], whole[:, -1]
        logs = (standard @ weight.T + bias).log_softmax(dim=1)
        error = (logs.exp() - wanted) / len(standard)
        slope = torch.cat([error.T @ standard + decay * weight, error.sum(dim=0)[:, None]], dim=1)
        loss = -(logs * wanted).sum() / len(standard) + decay / 2 * weight.square().sum()
        return float(loss), slope.flatten().cpu().numpy()

    done = minimize(
        objective,
        np.zeros(classes * (size + 1)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MOST_STEPS, "maxfun": 2 * MOST_STEPS, "gtol": TOLERANCE, "ftol": 0.0},
    )
    whole = torch.from_numpy(done.x).to(given.device).view(classes, size + 1)
    weight = whole[:, :-1] if rotation is None else whole[:, :-1] @ rotation
    weight = weight * scale
    bias = whole[:, -1] - weight @ centre
    logs = (given @ weight.T + bias).log_softmax(dim=1)
    loss = float(functional.nll_loss(logs, labels))
    return ProbeHead(weight, bias, loss, int(done.nit))
