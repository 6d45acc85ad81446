"""Tries that learn from one another, judged on tasks left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.completion import (
    LEVEL_VARIANCE,
    Beliefs,
    residual_covariance,
    try_in_turn,
)
from taskspace.studies.recommend.maths.errors import ErrorTable, Floats, Indices
from taskspace.studies.recommend.maths.evaluator import best_errors
from taskspace.studies.recommend.maths.leave_out import (
    LeftOut,
    Recommender,
    inner_expected,
)
from taskspace.studies.recommend.maths.neighbours import log_errors
from taskspace.studies.recommend.maths.tries import best_of_first

SHRINKAGES = (0.1, 0.3, 0.6, 1.0)


class Tries(NamedTuple):
    """Which models are tried on each task.

    Attributes:
        order: [T, K], one after the other; where candidates run out, the first again.
        shrinkage: what the other tasks chose for each task [T].
    """

    order: Indices
    shrinkage: Floats


def adaptive_tries(
    table: ErrorTable,
    recommender: Recommender,
    left_out: LeftOut,
    most: int,
    shrinkages: Sequence[float] = SHRINKAGES,
) -> Tries:
    """Return the tries on each task, its group left out of all that guides them.

    What the recommender expects in log error is the mean of the beliefs before the first try; how
    what it missed on the other tasks goes together, over models, is their covariance. How far that
    is shrunk is chosen on the other tasks, by the mean error over 1 to K tries; there the residuals
    of third tasks come from fits with the inner task, which may make the choice a little too bold,
    never what is reported.

    Args:
        table: errors of at least three groups.
        recommender: it expects log errors, each task's up to a constant.
        left_out: `leave_out` of both: its settings are used.
        most: K, tries a task.
        shrinkages: from which one is chosen.

    Raises:
        InputError: if nothing is known of any candidate of a task.
    """
    candidates = table.candidates()
    order = np.zeros((len(table.tasks), min(most, len(table.models))), dtype=np.int64)
    chosen = np.zeros(len(table.tasks))
    for group in np.unique(table.groups):
        held = np.flatnonzero(table.groups == group)
        known = table.known_without(held)
        expected = inner_expected(table, known, recommender, None)[left_out.chosen[held[0]]]
        best = min(shrinkages, key=lambda one: _loss(table, known, expected, one, most))
        chosen[held] = best
        covariance = residual_covariance(log_errors(known), expected, best)
        for task in held:
            tried = _tries(known, candidates[task], left_out.expected[task], covariance, most)
            if not len(tried):
                raise InputError(
                    f"Nothing is known of any candidate of the task {table.tasks[task]!r}.",
                    advice="Measure its models on other tasks, or leave the task out.",
                )
            order[task] = _filled(tried, order.shape[1])
    return Tries(order, chosen)


def _loss(table: ErrorTable, known: Floats, expected: Floats, shrinkage: float, most: int) -> float:
    """Return the mean relative error over the tries on the known tasks, each left out in turn."""
    logs = log_errors(known)
    total = []
    for task in np.flatnonzero(~np.isnan(known).all(axis=1)):
        held = table.held_with(int(task))
        others = logs.copy()
        others[held] = np.nan
        others[:, np.isin(table.own, held)] = np.nan
        covariance = residual_covariance(others, expected, shrinkage)
        tried = _tries(known, known[task], expected[task], covariance, most)
        row = known[[task]]
        best = float(best_errors(row)[0])
        # As everywhere, a task whose best model makes no error has no relative error.
        if len(tried) and best > 0:
            reached = best_of_first(row, _filled(tried, most)[None])
            total.append(float(reached.mean() / best))
    return float(np.mean(total)) if total else 0.0


def _tries(known: Floats, row: Floats, mean: Floats, covariance: Floats, most: int) -> Indices:
    """Return the tries on one task with the errors `row` [M]; the level comes from known tasks."""
    level = np.nanmean(log_errors(known)) - np.nanmean(mean)
    beliefs = Beliefs(mean + level, covariance + LEVEL_VARIANCE)
    return try_in_turn(beliefs, log_errors(row, known), most)


def _filled(tried: Indices, length: int) -> Indices:
    """Return tries [length]: those there are, and the first again where there are too few."""
    found = np.full(length, tried[0], dtype=np.int64)
    found[: len(tried)] = tried
    return found
