"""Errors expected of a task that nobody tried, from the tasks that are near it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import NO_TASK, Floats, Indices
from taskspace.studies.recommend.maths.static import two_way_effects

EVERYBODY = 1e-6
"""Weight of the farthest task: a model that no near task tells about gets its average."""

REACHES = (0.125, 0.25, 0.5, 1.0, 2.0, np.inf)
"""Bandwidths of the settings, in median distances between tasks; the last is the plain average."""

PULLS = (0.0, 0.02, 0.05, 0.1, 0.2)
"""Of the settings: what a distance of one median adds to a model's log error."""


def log_errors(errors: Floats, known: Floats | None = None) -> Floats:
    """Return the logarithm of errors; errors of 0 stand as half the least known error above 0.

    Args:
        errors: of any shape.
        known: errors that say how small an error may be; by default the same.
    """
    known = errors if known is None else known
    positive = known[known > 0]
    floor = positive.min() / 2 if positive.size else 1.0
    logs: Floats = np.log(np.maximum(errors, floor))
    return logs


class NearTasks:
    """The errors of near tasks, weighted by how near, and of models by their own task.

    The log error of model m on task t is expected to be, up to a constant of the task,
    sum_s w(t, s) (log e[s, m] - level[s]) / sum_s w(t, s) + pull d(t, own m), with the weights
    w = exp(-d(t, s) / bandwidth) (Nadaraya-Watson) over the known tasks s. The second part holds
    what is known of a model before any error: what it was trained on. A model of no task is taken
    to be as far as the median of the others.

    Args:
        distances: [T, T], from a row, the new task, to a column; 0 on the diagonal.
        own: the task [M] of each model, or NO_TASK.
        reaches: bandwidths, in median distances between tasks; infinite for the plain average.
        pulls: what a median distance adds to a model's log error. Settings are all pairs.

    Raises:
        InputError: if the distances are no finite square table.
    """

    def __init__(
        self,
        distances: Floats,
        own: Indices,
        reaches: Sequence[float] = REACHES,
        pulls: Sequence[float] = PULLS,
    ) -> None:
        if distances.ndim != 2 or len(set(distances.shape)) > 1 or not np.isfinite(distances).all():
            raise InputError(
                f"Found distances of shape {distances.shape}; a finite square table is needed, "
                "with a row and a column for each task."
            )
        between = distances[~np.eye(len(distances), dtype=bool) & (distances > 0)]
        self._distances = distances / (np.median(between) if between.size else 1.0)
        self._own = own
        self.settings = tuple(product(reaches, pulls))

    def __call__(self, known: Floats, tasks: Indices) -> Floats:
        """Return the expected log errors [S, K, M] of `tasks`, each up to a constant."""
        logs = log_errors(known)
        levels, _ = two_way_effects(logs)
        centred = logs - levels[:, None]
        present = ~np.isnan(centred)
        near = self._distances[tasks]
        # From the nearest known task on, so that its weight never vanishes.
        nearest = np.where(present.any(axis=1), near, np.inf).min(axis=1, keepdims=True)
        beyond = np.maximum(near - nearest, 0.0)
        own = self._to_models(tasks)
        expected = np.full((len(self.settings), len(tasks), known.shape[1]), np.nan)
        values = np.where(present, centred, 0.0)
        for setting, (reach, pull) in enumerate(self.settings):
            weights = np.maximum(np.exp(-beyond / reach), EVERYBODY)
            total = weights @ present
            np.divide(weights @ values, total, out=expected[setting], where=total > 0)
            expected[setting] += pull * own
        return expected

    def _to_models(self, tasks: Indices) -> Floats:
        """Return the distance [K, M] from tasks to what the models were trained on."""
        trained = self._own != NO_TASK
        found = np.zeros((len(tasks), len(self._own)))
        if trained.any():
            found[:, trained] = self._distances[np.ix_(tasks, self._own[trained])]
            found[:, ~trained] = np.median(found[:, trained], axis=1, keepdims=True)
        return found
