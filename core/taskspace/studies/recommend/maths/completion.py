"""A few models tried on the new task, and what their errors tell about all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taskspace.studies.recommend.maths.errors import Floats, Indices
from taskspace.studies.recommend.maths.static import two_way_effects

LEVEL_VARIANCE = 4.0
"""Of the log of a task's difficulty: nearly anything is likely before the first try."""

NOISE = 1e-4
"""Variance of a measured log error beside the model: errors of the same setting differ by 1 %."""


@dataclass(frozen=True)
class Beliefs:
    """Log errors of M models on one task as a Gaussian.

    Attributes:
        mean: [M].
        covariance: [M, M].
    """

    mean: Floats
    covariance: Floats

    def after(self, model: int, log_error: float) -> Beliefs:
        """Return what is believed once a model was tried (conditioning on one measurement)."""
        column = self.covariance[:, model]
        gain = column / (column[model] + NOISE)
        return Beliefs(
            self.mean + gain * (log_error - self.mean[model]),
            self.covariance - np.outer(gain, column),
        )

    def expected_improvement(self, least: float) -> Floats:
        """Return by how much each model is expected to fall below `least` [M] (Jones et al. 1998).

        In units of log error.
        """
        from scipy.special import ndtr  # noqa: PLC0415  checking a job needs no SciPy

        deviation = np.sqrt(np.maximum(np.diag(self.covariance), 1e-18))
        z = (least - self.mean) / deviation
        density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
        improvement: Floats = deviation * (z * ndtr(z) + density)
        return improvement


def residual_covariance(logs: Floats, expected: Floats, shrinkage: float) -> Floats:
    """Return the covariance [M, M] of what a recommender missed, shrunk to its diagonal.

    Args:
        logs: known log errors [T, M]; NaN where hidden.
        expected: what was expected of them [T, M] without their row, each up to a constant.
        shrinkage: from 0, the residuals' own covariance, of rank T - 1, to 1, independent models.
    """
    residuals = logs - expected
    rows = ~np.isnan(residuals).all(axis=1)
    levels, _ = two_way_effects(residuals[rows])
    # A missing residual is taken to be 0, which keeps the matrix positive semidefinite.
    centred = np.nan_to_num(residuals[rows] - levels[:, None])
    covariance = centred.T @ centred / max(len(centred), 1)
    return (1 - shrinkage) * covariance + shrinkage * np.diag(np.diag(covariance))


def try_in_turn(beliefs: Beliefs, logs: Floats, most: int) -> Indices:
    """Return which models are tried one after the other, [at most `most`].

    The first is the one expected best; each next has the greatest expected improvement over the
    best so far, given all that was measured. Only the errors of models that were tried are read.

    Args:
        beliefs: before the first try.
        logs: log errors [M] as a try would measure them; NaN for what is no candidate.
        most: tries.
    """
    allowed = ~np.isnan(logs) & ~np.isnan(beliefs.mean)
    tried: list[int] = []
    least = np.inf
    for _ in range(min(most, int(allowed.sum()))):
        value = beliefs.expected_improvement(least) if tried else -beliefs.mean
        value = np.where(allowed, value, -np.inf)
        value[tried] = -np.inf
        model = int(value.argmax())
        tried.append(model)
        least = min(least, float(logs[model]))
        beliefs = beliefs.after(model, float(logs[model]))
    return np.array(tried, dtype=np.int64)
