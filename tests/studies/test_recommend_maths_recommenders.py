"""Recommenders see nothing of the task left out, and find what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from recommend_tables import planted
from scipy.optimize import check_grad

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import NO_TASK, ErrorTable
from taskspace.studies.recommend.maths.evaluator import picked_errors, relative_errors
from taskspace.studies.recommend.maths.leave_out import leave_out
from taskspace.studies.recommend.maths.model2vec import (
    Model2Vec,
    _Objective,
    model_vectors,
    principal_components,
    squared_distances,
)
from taskspace.studies.recommend.maths.neighbours import NearTasks, log_errors
from taskspace.studies.recommend.maths.static import (
    average_ranking,
    parameter_ranking,
    portfolio_order,
    single_model,
    two_way_effects,
    uniform_ranking,
)

NAN = np.nan


def distances_of(points):
    return np.sqrt(squared_distances(points, points))


def own_table(seed=0, tasks=8):
    """Errors where model i is trained on task i, in pairs of tasks that form groups."""
    errors = np.random.default_rng(seed).uniform(5, 50, size=(tasks, tasks))
    names = [f"t{one}" for one in range(tasks)]
    return ErrorTable.of(names, names, errors, groups=np.arange(tasks) // 2)


def recommenders(table):
    points = np.random.default_rng(9).normal(size=(len(table.tasks), 3))
    return {
        "average": average_ranking,
        "near": NearTasks(distances_of(points), table.own),
        "model2vec": Model2Vec(points, table.own, (np.inf, 0.1)),
    }


@pytest.mark.parametrize("name", ["average", "near", "model2vec"])
def test_nothing_of_a_group_left_out_reaches_its_recommendation(name):
    table = own_table()
    expected = leave_out(table, recommenders(table)[name]).expected
    # Models trained on the group itself get no expectation: they would not exist.
    assert np.isnan(expected[:2, :2]).all() and not np.isnan(expected[:2, 2:]).any()
    changed = table.errors.copy()
    changed[:2] = changed[:2, ::-1] * 3
    changed[:, :2] = 1.0
    other = ErrorTable.of(table.tasks, table.models, changed, groups=table.groups)
    np.testing.assert_array_equal(
        leave_out(other, recommenders(table)[name]).expected[:2], expected[:2]
    )


def test_a_choice_needs_three_groups_and_anything_needs_two():
    table = ErrorTable.of(["a", "b"], ["m", "n"], np.array([[1.0, 2], [3, 4]]))
    assert leave_out(table, average_ranking).chosen.tolist() == [0, 0]
    with pytest.raises(InputError, match="Found 2 groups of tasks; leaving one out takes 3"):
        leave_out(table, NearTasks(np.eye(2), table.own))
    one = ErrorTable.of(["a", "b"], ["m"], np.ones((2, 1)), groups=np.zeros(2, dtype=np.int64))
    with pytest.raises(InputError, match="Found 1 groups"):
        leave_out(one, average_ranking)


def test_model_effects_are_means_where_all_is_measured_and_exact_where_some_is_missing():
    tasks, models = np.array([1.0, 10, 30]), np.array([-2.0, 0, 2])
    errors = tasks[:, None] + models
    np.testing.assert_allclose(two_way_effects(errors)[1], models, atol=1e-9)
    errors[0, 2] = errors[2, 0] = NAN
    found = two_way_effects(errors)
    np.testing.assert_allclose(found[0][:, None] + found[1], tasks[:, None] + models, atol=1e-9)
    # The plain means would call the last model best: it was not measured on the hardest task.
    errors = np.array([[1.0, 2.0], [50.0, NAN]])
    assert two_way_effects(errors)[1].argmin() == 0


def test_static_rankings_rank_as_they_say():
    np.testing.assert_array_equal(parameter_ranking(np.array([5.0, NAN]), 2), [[-5, NAN]] * 2)
    np.testing.assert_array_equal(single_model(1, 1, 2), [[NAN, 0]])
    assert not uniform_ranking(2, 3).any()
    known = np.array([[1.0, 3.0, 2.0], [2.0, 1.0, 9.0]])
    assert average_ranking(known, np.array([0, 1])).argmin(axis=2).tolist() == [[0, 0]]


def test_a_portfolio_takes_the_model_that_complements_the_first():
    known = np.array([[10.0, 12, 30], [10, 12, 30], [30, 30, 10], [NAN, NAN, NAN]])
    assert portfolio_order(known, 2).tolist() == [0, 2]
    with pytest.raises(InputError, match="that makes an error"):
        portfolio_order(np.zeros((2, 2)), 2)


def test_a_task_beside_a_known_one_gets_its_models():
    errors = np.array([[10.0, 20, 40], [20, 10, 40], [20, 10, 40]])
    distances = np.array([[0.0, 1, 1], [1, 0, 0.01], [1, 0.01, 0]])
    known = errors.copy()
    known[2] = NAN
    own = np.full(3, NO_TASK)
    near, average = NearTasks(distances, own, (0.1, np.inf), (0.0,))(known, np.array([2]))[:, 0]
    assert near.argmin() == 1
    assert average[0] == pytest.approx(average[1])


def test_a_model_trained_beside_the_task_is_expected_to_be_better():
    distances = np.abs(np.subtract.outer([0.0, 1, 5], [0.0, 1, 5]))
    known = np.array([[NAN, NAN, NAN], [8.0, 9, 8], [7, 7, 7]])
    expected = NearTasks(distances, np.array([NO_TASK, 1, 2]), (np.inf,), (0.5,))(
        known, np.array([0])
    )[0, 0]
    assert expected[1] < expected[0] < expected[2]


def test_distances_that_are_no_square_table_are_refused():
    with pytest.raises(InputError, match="square"):
        NearTasks(np.ones((2, 3)), np.zeros(2, dtype=np.int64))
    with pytest.raises(InputError, match="NaN"):
        Model2Vec(np.full((2, 3), NAN), np.zeros(2, dtype=np.int64))


def losses_of(table, recommender):
    expected = leave_out(table, recommender, 5).expected
    errors = table.candidates()
    return relative_errors(errors, picked_errors(errors, expected)).mean()


@pytest.mark.parametrize("make", [NearTasks, Model2Vec], ids=["near", "model2vec"])
def test_planted_structure_is_found(make):
    table, points = planted(tasks=40, models=8, seed=0, spread=0.3)
    given = distances_of(points) if make is NearTasks else points
    assert losses_of(table, make(given, table.own)) < losses_of(table, average_ranking) / 2


@pytest.mark.parametrize("make", [NearTasks, Model2Vec], ids=["near", "model2vec"])
def test_without_structure_the_average_is_not_lost(make):
    table, _ = planted(tasks=30, models=8, seed=1, spread=0.0)
    noise = np.random.default_rng(2).normal(size=(30, 4))
    given = distances_of(noise) if make is NearTasks else noise
    expected = leave_out(table, make(given, table.own), 5).expected
    average = leave_out(table, average_ranking).expected
    assert (expected.argmin(axis=1) == average.argmin(axis=1)).all()


def test_constant_embeddings_leave_the_average_ranking():
    table, _ = planted(tasks=12, models=5, seed=3, spread=0.3)
    same = np.ones((12, 7))
    known = table.known_without(np.array([0]))
    fit = model_vectors(principal_components(same), table.own, known, 1.0)
    order = two_way_effects(log_errors(known))[1].argsort()
    expected = fit.expected(principal_components(same)[:1])[0]
    assert expected.argmin() == order[0] and fit.scale == pytest.approx(0, abs=1e-3)


def test_the_gradient_is_that_of_the_loss():
    table, points = planted(tasks=6, models=4, seed=4, spread=0.3)
    logs = log_errors(table.errors)
    logs[0, 1] = NAN
    start = np.random.default_rng(0).normal(size=(4, 2))
    objective = _Objective(points, logs, start, np.zeros(4), 0.3)
    point = np.abs(np.random.default_rng(1).normal(size=1 + 4 + 8))
    wrong = check_grad(lambda x: objective(x)[0], lambda x: objective(x)[1], point)
    assert wrong < 1e-5
