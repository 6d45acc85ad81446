"""Tries read what was tried and nothing else, and learn from it."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.adaptive import adaptive_tries
from taskspace.studies.recommend.maths.completion import (
    Beliefs,
    residual_covariance,
    try_in_turn,
)
from taskspace.studies.recommend.maths.errors import ErrorTable
from taskspace.studies.recommend.maths.leave_out import leave_out
from taskspace.studies.recommend.maths.neighbours import NearTasks, log_errors
from taskspace.studies.recommend.maths.static import two_way_effects
from taskspace.studies.recommend.maths.tries import best_of_first, ranked_order

NAN = np.nan


def errors_on_own_tasks():
    """Errors where model i is trained on task i, in pairs of tasks that form groups."""
    errors = np.random.default_rng(0).uniform(5, 50, size=(8, 8))
    names = [f"t{one}" for one in range(8)]
    return ErrorTable.of(names, names, errors, groups=np.arange(8) // 2)


def test_tries_read_the_errors_of_models_that_were_tried_and_no_others():
    table = errors_on_own_tasks()
    distances = np.random.default_rng(9).uniform(1, 2, (8, 8)) * (1 - np.eye(8))
    near = NearTasks(distances, table.own)
    tries = adaptive_tries(table, near, leave_out(table, near), 3)
    changed = table.errors.copy()
    untried = np.setdiff1d(np.arange(8), tries.order[0])
    changed[0, untried] = changed[0, untried][::-1] * 2
    other = ErrorTable.of(table.tasks, table.models, changed, groups=table.groups)
    again = adaptive_tries(other, near, leave_out(other, near), 3)
    assert again.order[0].tolist() == tries.order[0].tolist()
    assert not set(tries.order[0]) & {0, 1}


def test_one_try_says_what_the_covariance_says_of_the_others():
    covariance = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 1.0]])
    after = Beliefs(np.zeros(3), covariance).after(0, 1.0)
    np.testing.assert_allclose(after.mean, [1, 0.8, 0], atol=1e-3)
    np.testing.assert_allclose(np.diag(after.covariance), [0, 0.36, 1], atol=1e-3)


def test_a_disappointing_try_turns_away_from_models_like_it():
    alike = np.array([[1.0, 0.95, 0.0], [0.95, 1.0, 0.0], [0.0, 0.0, 1.0]])
    beliefs = Beliefs(np.array([0.0, 0.1, 0.3]), alike)
    assert try_in_turn(beliefs, np.array([2.0, 2.0, 0.3]), 3).tolist() == [0, 2, 1]
    assert try_in_turn(beliefs, np.array([0.0, NAN, 0.3]), 3).tolist() == [0, 2]


def test_residuals_go_together_as_planted_and_shrink_to_their_diagonal():
    random = np.random.default_rng(0)
    shared = random.normal(size=(500, 1)) * np.array([1.0, 1.0, -1.0, -1.0])
    logs = shared + random.normal(size=(500, 1)) + 0.1 * random.normal(size=(500, 4))
    found = residual_covariance(logs, np.zeros((500, 4)), 0.0)
    np.testing.assert_allclose(found, np.outer([1, 1, -1, -1], [1, 1, -1, -1]), atol=0.2)
    alone = residual_covariance(logs, np.zeros((500, 4)), 1.0)
    np.testing.assert_allclose(alone, np.diag(np.diag(found)))


def test_tries_that_learn_find_the_best_family_sooner_than_a_fixed_order():
    random = np.random.default_rng(6)
    family = np.repeat([1.0, -1.0], 6)
    sign = random.choice([1.0, -1.0], size=(40, 1))
    logs = 0.5 * sign * family + 0.1 * random.normal(size=(40, 12)) - np.arange(12) * 0.001
    table = ErrorTable.of(
        [f"t{one}" for one in range(40)], [f"m{one}" for one in range(12)], np.exp(logs)
    )

    def average_logs(known, tasks):
        return np.tile(two_way_effects(log_errors(known))[1], (1, len(tasks), 1))

    left_out = leave_out(table, average_logs)
    learning = adaptive_tries(table, average_logs, left_out, 2).order
    fixed = ranked_order(table.errors, left_out.expected, 2)
    means = [best_of_first(table.errors, order)[:, 1].mean() for order in (learning, fixed)]
    assert means[0] < 0.9 * means[1]


def test_a_task_whose_models_nobody_else_has_cannot_be_tried():
    errors = np.array([[1.0, NAN, NAN], [NAN, 2.0, 3.0], [NAN, 3.0, 0.0], [NAN, 1.0, 2.0]])
    table = ErrorTable.of(list("abcd"), ["m", "n", "o"], errors)
    near = NearTasks(1 - np.eye(4), table.own, (np.inf,), (0.0,))
    with pytest.raises(InputError, match="any candidate of the task 'a'"):
        adaptive_tries(table, near, leave_out(table, near), 2)
