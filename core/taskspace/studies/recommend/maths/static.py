"""Static rankings, which look at no image of the new task: what a recommendation has to beat."""

from __future__ import annotations

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import Floats, Indices

SWEEPS = 1000
"""Of the alternating means; tables with a tenth of the errors missing take about ten."""

CLOSE = 1e-12
"""Relative change of the effects at which the sweeps end."""


def two_way_effects(errors: Floats) -> tuple[Floats, Floats]:
    """Return the effects of tasks [T] and models [M] of error = task + model, by least squares.

    Without missing errors the models' effects are their mean errors less the mean of all. With
    some missing, unlike means, they do not favour models that were measured on easy tasks. A task
    or model without any error has NaN.
    """
    present = ~np.isnan(errors)
    values = np.where(present, errors, 0.0)
    of_task, of_model = (np.maximum(present.sum(axis=axis), 1) for axis in (1, 0))
    models = np.zeros(errors.shape[1])
    scale = max(float(np.abs(values).max(initial=0.0)), 1e-300)
    for _ in range(SWEEPS):
        tasks = (values - present * models).sum(axis=1) / of_task
        before = models
        models = (values - present * tasks[:, None]).sum(axis=0) / of_model
        models -= models.sum() / max(present.any(axis=0).sum(), 1)
        if np.abs(models - before).max(initial=0.0) <= CLOSE * scale:
            break
    tasks = (values - present * models).sum(axis=1) / of_task
    return (
        np.where(present.any(axis=1), tasks, np.nan),
        np.where(present.any(axis=0), models, np.nan),
    )


def average_ranking(known: Floats, tasks: Indices) -> Floats:
    """Return the models' mean errors over the known tasks, for each of `tasks` [1, K, M].

    It is the best average expert, a recommender with one setting: left out by task or by group,
    or, where the known errors are all, in hindsight. Without any known error all are NaN.
    """
    _, models = two_way_effects(known)
    mean = 0.0 if np.isnan(known).all() else np.nanmean(known)
    return np.tile(models + mean, (1, len(tasks), 1))


def parameter_ranking(parameters: Floats, tasks: int) -> Floats:
    """Return a ranking [T, M] by the number of parameters [M]: more are expected to be better.

    A model whose number is NaN is not ranked.
    """
    return np.tile(-parameters, (tasks, 1))


def single_model(model: int, tasks: int, models: int) -> Floats:
    """Return a ranking [T, M] that knows one model: the generic expert."""
    expected = np.full((tasks, models), np.nan)
    expected[:, model] = 0.0
    return expected


def uniform_ranking(tasks: int, models: int) -> Floats:
    """Return a ranking [T, M] to which all models are equal: chance."""
    return np.zeros((tasks, models))


def portfolio_order(known: Floats, most: int) -> Indices:
    """Return models [at most `most`] so that the best of the first k is good, for every k.

    Greedy: each next model lowers the mean relative error of the best so far by as much as
    possible, over the known tasks (Streeter & Golovin 2008: within 1 - 1/e of the best set of k).

    Raises:
        InputError: if no known task has a candidate with an error above 0.
    """
    with np.errstate(invalid="ignore"):
        best = np.nanmin(np.where(np.isnan(known), np.inf, known), axis=1)
    rows = np.isfinite(best) & (best > 0)
    if not rows.any():
        raise InputError("No known task has a candidate that makes an error.")
    relative = known[rows] / best[rows, None]
    # Where nothing is known of a model it stands for no progress, so it is taken last.
    relative = np.where(np.isnan(relative), np.inf, relative)
    ceiling = relative[np.isfinite(relative)].max()
    reached = np.full(len(relative), ceiling)
    order: list[int] = []
    for _ in range(min(most, known.shape[1])):
        means = np.minimum(reached[:, None], relative).mean(axis=0)
        means[order] = np.inf
        order.append(int(means.argmin()))
        reached = np.minimum(reached, relative[:, order[-1]])
    return np.array(order, dtype=np.int64)
