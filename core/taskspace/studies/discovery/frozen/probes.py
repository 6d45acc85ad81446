"""Linear probes that learn labels from frozen codes: in one closed step, or by a descent.

Both return log-probabilities of labels [B, K], as a softmax of a linear function of codes. A probe
takes labels as they are: nothing here is differentiated by them.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from taskspace.learning.fitting.fit import Adam

LEAST = 1e-12
"""Under which a mean probability counts as this, so that its logarithm is a number."""


class LabelProbe(Protocol):
    """A probe on codes of one space."""

    def __call__(self, rows: Tensor | slice, labels: Tensor) -> Tensor:
        """Return log-probabilities [B, K] of the images in these rows, whose labels it learns."""


class RidgeProbe:
    """Ridge regression on all images, which predicts each image from all others (leave one out).

    K times the regression of labels less their mean is the first Newton step of a logistic
    regression from equal probabilities: the Hessian at that point is that of least squares, divided
    by K. Leaving an image out is exact and costs a division (its leverage). Takes 2 N D K
    multiplications.

    Args:
        codes: centred and rotated onto their principal directions, [N, D]: their Gram matrix is
            diagonal.
        penalty: of the squared weights, for the mean over images.
    """

    def __init__(self, codes: Tensor, penalty: float) -> None:
        self._codes = codes
        self._inverse = 1 / (codes.square().mean(0) + penalty) / len(codes)
        self._leverage = (codes.square() @ self._inverse + 1 / len(codes))[:, None]

    def __call__(self, rows: Tensor | slice, labels: Tensor) -> Tensor:
        """Return log-probabilities [N, K] of all images; the rows are all of them."""
        shares = labels.mean(0)
        centred = labels - shares
        fitted = self._codes @ ((self._codes.T @ centred) * self._inverse[:, None])
        others = (fitted - self._leverage * centred) / (1 - self._leverage)
        return (labels.shape[1] * others + shares.clamp_min(LEAST).log()).log_softmax(1)


class DescentProbe:
    """A softmax regression by some steps of Adam, on the images whose labels it learns.

    Args:
        codes: of all images, [N, D].
        classes: K.
        steps: a call.
        rate: of Adam.
        warm: whether a call goes on from the weights of the call before; else it starts anew.
        generator: of the weights at a start.
    """

    def __init__(
        self,
        codes: Tensor,
        classes: int,
        *,
        steps: int,
        rate: float,
        warm: bool,
        generator: torch.Generator,
    ) -> None:
        self._codes = codes
        self._classes = classes
        self._steps, self._rate, self._warm = steps, rate, warm
        self._generator = generator
        self._start()

    def __call__(self, rows: Tensor | slice, labels: Tensor) -> Tensor:
        """Return log-probabilities [B, K] of the images in these rows, after the last step."""
        if not self._warm:
            self._start()
        codes = self._codes[rows]
        weight, bias = self._weights
        for _ in range(self._steps):
            slope = (torch.addmm(bias, codes, weight).softmax(1) - labels) / len(codes)
            weight.grad, bias.grad = codes.T @ slope, slope.sum(0)
            self._adam.step(self._rate)
        return torch.addmm(bias, codes, weight).log_softmax(1)

    def _start(self) -> None:
        self._weights = linear_start(self._codes, self._classes, self._generator)
        self._adam = Adam(self._weights)


def linear_start(codes: Tensor, classes: int, generator: torch.Generator) -> list[nn.Parameter]:
    """Return the weight [D, K] and the bias [K] of a linear layer, uniform as in PyTorch.

    Their gradients are had by hand, so nothing is recorded for them.
    """
    size = codes.shape[1]
    draw = torch.rand(size + 1, classes, generator=generator, dtype=torch.float64)
    values = ((2 * draw - 1) / size**0.5).to(codes.dtype)
    return [nn.Parameter(part.clone(), requires_grad=False) for part in (values[:-1], values[-1])]
