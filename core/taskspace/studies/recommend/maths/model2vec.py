"""MODEL2VEC: models as points among the tasks' embeddings (Achille et al. 2019, Sec. 4).

A model is the embedding of the task it was trained on, moved by a learnt vector, and a learnt
number; a model without a task starts at the tasks' mean, as a one-hot code would. Both are fitted
so that near models are those with low errors on a few tasks where all was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import NO_TASK, Floats, Indices
from taskspace.studies.recommend.maths.neighbours import log_errors
from taskspace.studies.recommend.maths.static import two_way_effects

TEMPERATURE = 0.1
"""Log error that makes a model e times less wanted: 10 % more errors."""

MOST_DIMENSIONS = 16
"""Principal components of the embeddings that are kept; a model has as many numbers to learn."""

PENALTIES = (np.inf, 1.0, 0.1, 0.01)
"""Of the settings; the first learns nothing: the average ranking."""

ITERATIONS = 200
SMALLEST_GAIN = 1e-6
"""Relative, of the loss in an iteration; ranks no longer change below."""


@dataclass(frozen=True)
class ModelVectors:
    """Models among the tasks.

    Attributes:
        vectors: [M, d].
        biases: [M], larger for models that are worse everywhere, in units of TEMPERATURE.
        scale: what a unit of squared distance adds, at least 0.
    """

    vectors: Floats
    biases: Floats
    scale: float

    def expected(self, embeddings: Floats) -> Floats:
        """Return the expected log errors [K, M] of tasks [K, d], each up to a constant."""
        distances = squared_distances(embeddings, self.vectors)
        errors: Floats = TEMPERATURE * (self.scale * distances + self.biases)
        return errors


class Model2Vec:
    """A recommender by the distance from tasks to models.

    Args:
        embeddings: of the tasks [T, F], as Task2Vec makes them or any other.
        own: the task [M] of each model, or NO_TASK.
        penalties: settings; infinite for the average ranking.

    Raises:
        InputError: if an embedding is not finite.
    """

    def __init__(
        self, embeddings: Floats, own: Indices, penalties: Sequence[float] = PENALTIES
    ) -> None:
        if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
            raise InputError(
                f"Found embeddings of shape {embeddings.shape}; [tasks, features] without NaN or "
                "infinite values are needed."
            )
        self._embeddings = principal_components(embeddings)
        self._own = own
        self._penalties = tuple(penalties)

    def __call__(self, known: Floats, tasks: Indices) -> Floats:
        """Return the expected log errors [S, K, M] of `tasks`; NaN for unknown models."""
        unknown = np.isnan(known).all(axis=0)
        fits = [model_vectors(self._embeddings, self._own, known, one) for one in self._penalties]
        expected = np.stack([fit.expected(self._embeddings[tasks]) for fit in fits])
        expected[:, :, unknown] = np.nan
        return expected


def model_vectors(embeddings: Floats, own: Indices, known: Floats, penalty: float) -> ModelVectors:
    """Return the models that rank known errors best.

    Minimised is the mean over tasks of the cross-entropy of softmax(-log e / TEMPERATURE) over
    models and softmax(-scale |task - model|^2 - bias), plus penalty (scale^2 + the mean over models
    of |learnt vector|^2 + the mean over models of (bias - average)^2), by L-BFGS from scale 1, the
    biases of the average ranking, and models without a task at the mean of the tasks they suit:
    with the scale at 0, or all of them at one point, no gradient would lead away. Embeddings that
    say nothing leave the average ranking.

    Args:
        embeddings: of the tasks [T, d], at unit mean squared distance.
        own: the task [M] of each model, or NO_TASK.
        known: errors [T, M]; NaN where hidden.
        penalty: above 0; infinite to learn nothing.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  checking a job needs no SciPy

    logs = log_errors(known)
    average = np.nan_to_num(two_way_effects(logs)[1]) / TEMPERATURE
    models, width = known.shape[1], embeddings.shape[1]
    start = np.where((own != NO_TASK)[:, None], embeddings[own], 0.0)
    if np.isinf(penalty):
        return ModelVectors(start, average, 0.0)
    objective = _Objective(embeddings, logs, start, average, penalty)
    fit = minimize(
        objective,
        objective.start(own == NO_TASK),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] + [(None, None)] * (models + models * width),
        options={"maxiter": ITERATIONS, "ftol": SMALLEST_GAIN},
    )
    scale, biases, vectors = objective.parts(fit.x)
    return ModelVectors(start + vectors, average + biases, scale)


class _Objective:
    """The penalised cross-entropy and its gradient, over [scale, biases, learnt vectors]."""

    def __init__(
        self, embeddings: Floats, logs: Floats, start: Floats, average: Floats, penalty: float
    ) -> None:
        rows = ~np.isnan(logs).all(axis=1)
        self._tasks, self._start, self._average = embeddings[rows], start, average
        self._penalty = penalty
        self._hidden = np.isnan(logs[rows])
        self._wanted = np.exp(self._log_shares(-logs[rows] / TEMPERATURE))

    def __call__(self, point: Floats) -> tuple[float, Floats]:
        scale, biases, moved = self.parts(point)
        vectors = self._start + moved
        distances = squared_distances(self._tasks, vectors)
        shares = self._log_shares(-scale * distances - self._average - biases)
        count, models = distances.shape
        loss = -float((self._wanted * np.where(self._hidden, 0.0, shares)).sum()) / count
        loss += self._penalty * (scale**2 + ((moved**2).sum() + (biases**2).sum()) / models)
        # What a lower expected error would lower the loss by, [tasks, models].
        pull = (self._wanted - np.exp(shares)) / count
        of_vectors = 2 * scale * (pull.sum(axis=0)[:, None] * vectors - pull.T @ self._tasks)
        gradient = [
            [(pull * distances).sum() + 2 * self._penalty * scale],
            pull.sum(axis=0) + 2 * self._penalty * biases / models,
            (of_vectors + 2 * self._penalty * moved / models).ravel(),
        ]
        return loss, np.concatenate(gradient)

    def start(self, free: NDArray[np.bool_]) -> Floats:
        """Return where the fit begins; models that are `free` [M] of a task begin where they suit.

        A task counts as much as the model is wanted there.
        """
        suited = self._wanted.T @ self._tasks
        total = self._wanted.sum(axis=0)[:, None]
        moved = np.divide(suited, total, out=np.zeros_like(suited), where=total > 0)
        moved[~free] = 0.0
        return np.concatenate([[1.0], np.zeros(len(free)), moved.ravel()])

    def parts(self, point: Floats) -> tuple[float, Floats, Floats]:
        """Return scale, biases [M] and learnt vectors [M, d]."""
        models = len(self._start)
        return float(point[0]), point[1 : 1 + models], point[1 + models :].reshape(models, -1)

    def _log_shares(self, logits: Floats) -> Floats:
        from scipy.special import log_softmax  # noqa: PLC0415  checking a job needs no SciPy

        shares: Floats = log_softmax(np.where(self._hidden, -np.inf, logits), axis=1)
        return shares


def principal_components(embeddings: Floats) -> Floats:
    """Return embeddings [T, at most MOST_DIMENSIONS], centred, at unit mean squared distance."""
    centred = embeddings - embeddings.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    found = (left * singular)[:, :MOST_DIMENSIONS]
    # The mean squared distance of two points is twice the mean squared length.
    spread = np.sqrt(2 * (found**2).sum(axis=1).mean())
    scaled: Floats = found / (spread or 1.0)
    return scaled


def squared_distances(tasks: Floats, models: Floats) -> Floats:
    """Return |task - model|^2 [T, M]."""
    lengths = (tasks**2).sum(axis=1)[:, None] + (models**2).sum(axis=1)
    squared: Floats = np.maximum(lengths - 2 * tasks @ models.T, 0.0)
    return squared
