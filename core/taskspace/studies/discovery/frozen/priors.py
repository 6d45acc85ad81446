"""Task priors: how a linear probe does on codes over all tasks at once, without training one.

A task is taken as its graph G [N, N]: 1 where two images have the same label. A ridge probe with
hat matrix H leaves the squared error trace(G) - trace(H G) on one-hot labels, so a task enters by
its graph alone. The prior draws every edge by itself, with probability sigmoid(K / temperature) for
a kernel K of images (Patel and Balestriero 2025), and trace(H G) then has a mean and a variance in
closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from taskspace.errors import InputError
from taskspace.studies.discovery.frozen.scaling import check_codes, column_scales

ROWS = 512
"""Rows of a kernel that are in memory at once."""


@dataclass(frozen=True)
class TaskPriorScore:
    """What a ridge probe explains of the labels of a task drawn from a prior.

    Attributes:
        mean: over tasks, the share of squared one-hot labels beyond their mean: trace(H G) / N.
        deviation: over tasks, the standard deviation of that share.
    """

    mean: float
    deviation: float


def task_prior(
    codes: Tensor, prior: Tensor, *, temperature: float = 0.1, penalty: float = 0.1
) -> TaskPriorScore:
    """Return the mean and the deviation of probe performance on codes over all tasks of a prior.

    Graphs are symmetric and an image shares its own label, so an edge counts twice and the variance
    is the sum over pairs i < j of 4 H_ij^2 p_ij (1 - p_ij) / N^2; the authors' code draws (i, j)
    and (j, i) apart, which halves it. Takes N^2 (D + P) operations, and memory for 512 rows of N.

    Args:
        codes: of images, [N, D]; standardised here. Columns without variance do not count.
        prior: other codes of the same images, [N, P], whose cosines are the kernel K: what images
            tend to share a label.
        temperature: of the prior. Near 0 edges are sure; large, they are coins.
        penalty: of the probe, beside the mean square of standardised codes, which is 1.

    Raises:
        InputError: if the numbers of images differ, numbers are not finite, all rows are equal, a
            row of the prior is 0, or a setting is not positive.
    """
    _check(codes, prior, temperature, penalty)
    left, right = _hat_factors(codes.double(), penalty)
    unit = torch.nn.functional.normalize(prior.double(), dim=1)
    count = len(codes)
    mean = variance = 0.0
    for start in range(0, count, ROWS):
        rows = slice(start, start + ROWS)
        hat = left[rows] @ right[start:].T
        edge = torch.sigmoid(unit[rows] @ unit[start:].T / temperature)
        # Pairs i < j stand above the diagonal of this block of rows; the diagonal is sure.
        mean += float(hat.diagonal().sum()) + 2 * float((hat * edge).triu(1).sum())
        variance += 4 * float((hat.square() * edge * (1 - edge)).triu(1).sum())
    return TaskPriorScore(mean / count, variance**0.5 / count)


def _hat_factors(codes: Tensor, penalty: float) -> tuple[Tensor, Tensor]:
    """Return L and R [N, D] with H = L R' for centred, standardised codes: H sends 1 to 0."""
    mean, deviation = column_scales(codes)
    right = ((codes - mean) / deviation)[:, deviation < torch.inf]
    size = right.shape[1]
    gram = right.T @ right + len(codes) * penalty * torch.eye(size, dtype=right.dtype)
    return torch.cholesky_solve(right.T, torch.linalg.cholesky(gram)).T, right


def _check(codes: Tensor, prior: Tensor, temperature: float, penalty: float) -> None:
    check_codes(codes, "codes")
    check_codes(prior, "prior")
    if len(codes) != len(prior):
        raise InputError(
            f"There are codes of {len(codes)} images and a prior of {len(prior)}.",
            advice="Give both a row an image, in one order.",
        )
    if temperature <= 0 or penalty <= 0:
        raise InputError(
            f"temperature is {temperature} and penalty {penalty}; both must be above 0.",
            advice="Near 0 edges are sure, and the probe fits what it can.",
        )
    if not (prior != 0).any(dim=1).all():
        raise InputError(
            "A row of the prior is 0 and has no direction, so it has no cosine with others.",
            advice="Leave this image out.",
        )
