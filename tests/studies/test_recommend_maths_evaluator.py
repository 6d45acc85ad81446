"""Picks against the oracle, ranks, and what is expected of uniform draws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import weightedtau

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.errors import NO_TASK, ErrorTable
from taskspace.studies.recommend.maths.evaluator import (
    picked_errors,
    rank_agreements,
    regrets,
    relative_errors,
    uniform_errors,
)
from taskspace.studies.recommend.maths.tries import best_of_first, best_of_random, ranked_order

NAN = np.nan


def test_a_models_own_task_is_no_candidate():
    table = ErrorTable.of(["a", "b"], ["a", "b", "c"], np.array([[1.0, 2, 3], [4, 5, 6]]))
    assert table.own.tolist() == [0, 1, NO_TASK]
    np.testing.assert_array_equal(table.candidates(), [[NAN, 2, 3], [4, NAN, 6]])


def test_a_task_left_out_takes_its_row_and_its_models_along():
    table = ErrorTable.of(["a", "b", "c"], ["a", "c"], np.arange(6.0).reshape(3, 2))
    known = table.known_without(np.array([0]))
    np.testing.assert_array_equal(known, [[NAN, NAN], [NAN, 3], [NAN, NAN]])


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_impossible_errors_are_refused(value):
    with pytest.raises(InputError, match=r"The error of 'm' on 'a' is"):
        ErrorTable.of(["a"], ["m"], np.array([[value]]))


def test_names_twice_shapes_and_tasks_without_candidates_are_refused():
    with pytest.raises(InputError, match="model 'm' is there twice"):
        ErrorTable.of(["a"], ["m", "m"], np.ones((1, 2)))
    with pytest.raises(InputError, match="shape"):
        ErrorTable.of(["a"], ["m"], np.ones((2, 1)))
    with pytest.raises(InputError, match="'a' has no candidate"):
        ErrorTable.of(["a", "b"], ["a"], np.ones((2, 1))).candidates()


def test_the_pick_is_the_candidate_expected_best_and_its_price_is_relative_to_the_best():
    errors = np.array([[NAN, 20.0, 30.0], [40.0, 10.0, NAN]])
    picked = picked_errors(errors, np.array([[0.0, 2.0, 1.0], [1.0, 2.0, 0.0]]))
    assert picked.tolist() == [30, 40]
    assert relative_errors(errors, picked).tolist() == [50, 300]
    assert regrets(errors, picked).tolist() == [10, 30]


def test_a_method_that_knows_nothing_gets_chance():
    errors = np.array([[1.0, 3.0, NAN], [2.0, 5.0, 8.0]])
    assert picked_errors(errors, np.zeros((2, 3))).tolist() == uniform_errors(errors).tolist()
    assert uniform_errors(errors).tolist() == [2, 5]


def test_a_task_without_a_ranked_candidate_is_refused():
    with pytest.raises(InputError, match="task 1"):
        picked_errors(np.array([[1.0, 2.0], [NAN, 2.0]]), np.array([[1.0, NAN], [1.0, NAN]]))


def test_where_the_best_makes_no_error_no_method_has_a_relative_error():
    errors = np.array([[0.0, 2.0], [1.0, 2.0]])
    for picked in (np.array([0.0, 1.0]), np.array([2.0, 1.0])):
        assert np.isnan(relative_errors(errors, picked)).tolist() == [True, False]
    assert regrets(errors, np.array([2.0, 1.0])).tolist() == [2, 0]


def test_rank_agreement_is_scipys_over_the_models_that_both_have():
    errors, expected = np.array([[5.0, 1, NAN, 4, 2]]), np.array([[3.0, 1, 2, NAN, 4]])
    assert rank_agreements(errors, expected)[0] == weightedtau([-3, -1, -4], [-5, -1, -2])[0]
    assert rank_agreements(errors, errors)[0] == pytest.approx(1)
    assert rank_agreements(errors, -errors)[0] == pytest.approx(-1)
    assert np.isnan(rank_agreements(errors, np.ones((1, 5)))[0])


def test_the_best_of_the_first_k_in_a_ranked_order():
    errors = np.array([[3.0, 1, 2], [NAN, 5, 4]])
    expected = np.array([[0.0, 2, 1], [0, 1, NAN]])
    order = ranked_order(errors, expected, 3)
    assert order.tolist() == [[0, 2, 1], [1, 2, 1]]
    assert best_of_first(errors, order).tolist() == [[3, 2, 1], [5, 4, 4]]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_the_best_of_k_random_candidates_is_the_mean_over_all_subsets(values):
    errors = np.array([[*map(float, values), NAN]])
    found = best_of_random(errors, len(values) + 1)[0]
    for k in range(1, len(values) + 1):
        subsets = [min(subset) for subset in combinations(values, k)]
        assert found[k - 1] == pytest.approx(np.mean(subsets))
    assert found[-1] == min(values)
