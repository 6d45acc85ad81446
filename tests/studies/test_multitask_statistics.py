"""Intervals, differences, frontiers and similarities against definitions and tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multitask_results import trial_record

from taskspace.learning.statistics import interval, relative_gain
from taskspace.studies.multitask.result.comparison import (
    differences,
    dominated_by,
    frontier,
    summaries,
    task_similarity,
)

STUDENT = {2: 12.706, 3: 4.303, 5: 2.776, 20: 2.093}
"""Two-sided 95 % quantiles by the number of repetitions, from a printed table."""
FEW = st.integers(0, 3).map(float)


@pytest.mark.parametrize("count", STUDENT)
def test_an_interval_is_that_of_student(count):
    values = np.random.default_rng(count).normal(5.0, 2.0, count)
    found = interval(values)
    reach = STUDENT[count] * values.std(ddof=1) / math.sqrt(count)
    assert found.mean == pytest.approx(values.mean())
    assert found.high - found.mean == pytest.approx(reach, rel=1e-3)
    assert found.mean - found.low == pytest.approx(reach, rel=1e-3)
    assert found.repetitions == count


def test_an_interval_holds_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(0)
    found = [interval(draw.normal(1.0, 1.0, 4)) for _ in range(2000)]
    held = sum(each.low <= 1.0 <= each.high for each in found) / len(found)
    assert 0.93 < held < 0.97


def test_one_repetition_has_no_interval():
    assert interval([0.5]) == (0.5, None, None, 1)


def test_repetitions_that_are_all_equal_say_nothing_of_others():
    assert interval([0.8 - 0.76, 0.54 - 0.5])[1:] == (None, None, 2)  # equal but for rounding
    assert interval([10.0] * 5) == (10.0, None, None, 5)


@given(st.lists(st.tuples(FEW, FEW), min_size=1, max_size=6), st.booleans())
def test_a_scheme_is_dominated_where_another_is_nowhere_worse_and_somewhere_better(pairs, rising):
    points = {f"s{i}": pair for i, pair in enumerate(pairs)}
    sign = 1 if rising else -1
    for name, beaten in dominated_by(points, rising=rising).items():
        cost, score = points[name]
        better = [
            other
            for other, (c, s) in points.items()
            if c <= cost and sign * s >= sign * score and (c, s) != (cost, score)
        ]
        assert (beaten is None) == (not better)
        assert beaten is None or beaten in better


def test_relative_gain_goes_by_the_direction_of_each_metric():
    # (0.1 / 0.5 + 0.5 / 2.0) / 2: more accuracy and less error are both gains.
    assert relative_gain([0.6, 1.5], [0.5, 2.0], [True, False]) == pytest.approx(0.225)
    assert relative_gain([0.6, None], [0.5, 2.0], [True, False]) == pytest.approx(0.2)
    assert relative_gain([None, 0.3], [0.5, 0.0], [True, True]) is None


@given(st.integers(2, 5), st.integers(2, 6), st.integers(0, 99))
def test_similarity_is_the_correlation_of_all_layers_together(tasks, experts, seed):
    draw = np.random.default_rng(seed)
    layers = [draw.random((tasks, experts)), draw.random((tasks, 3))]
    expected = np.corrcoef(np.concatenate(layers, axis=1))
    assert np.allclose(task_similarity(layers), expected)


def test_tasks_whose_gates_are_all_alike_are_like_nobody():
    gates = np.array([[0.1, 0.1, 0.1], [0.9, 0.1, 0.2], [0.8, 0.2, 0.2]], dtype=np.float32)
    found = task_similarity([gates])
    assert np.isnan(found[0]).all() and np.isnan(found[:, 0]).all()
    assert found[1, 2] > 0.9


def trial(scheme, seed, mean, cost=1.0, size=100, delta=None):
    return trial_record(scheme, seed, size=size, mean=mean, delta_m=delta, cost=cost)


def test_differences_are_paired_by_repetition():
    # What repetitions share (0.3 between them) is not what schemes differ in (0.01).
    rows = [trial("a", seed, 0.5 + 0.3 * seed) for seed in range(3)]
    rows += [trial("b", s, 0.49 + 0.3001 * s) for s in reversed(range(4))]
    (found,) = differences(rows)
    assert (found.first, found.second, found.repetitions) == ("a", "b", 3)
    assert found.mean == pytest.approx(0.01, abs=1e-3)
    assert found.high - found.low < 1e-3


def test_schemes_of_different_metrics_are_compared_by_relative_gain():
    rows = [trial(name, 0, None, delta=delta) for name, delta in (("a", 0.1), ("b", 0.0))]
    (found,) = differences(rows)
    assert found.mean == pytest.approx(0.1)
    assert differences([trial("a", 0, None), trial("b", 0, None)]) == []


def test_the_frontier_is_that_of_the_most_samples():
    rows = [trial("cheap", s, 0.6, cost=1.0, size=n) for s in range(2) for n in (10, 100)]
    rows += [trial("dear", s, 0.9, cost=5.0, size=n) for s in range(2) for n in (10, 100)]
    rows += [trial("silly", s, 0.5, cost=9.0, size=100) for s in range(2)]
    rows += [trial("small", s, 0.99, cost=0.1, size=10) for s in range(2)]
    found = {r.scheme: r.dominated_by for r in frontier(summaries(rows), "mean", rising=True)}
    assert found == {"cheap": None, "dear": None, "silly": "dear"}
