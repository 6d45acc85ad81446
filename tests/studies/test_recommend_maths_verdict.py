"""Intervals over tasks, and when a method is said to beat the static rankings."""

from __future__ import annotations

import numpy as np
import pytest

from taskspace.errors import InputError
from taskspace.studies.recommend.maths.resampling import lower_p_value, task_mean
from taskspace.studies.recommend.maths.verdict import verdict

NAN = np.nan


def losses(seed: int, tasks: int = 30) -> np.ndarray:
    return np.random.default_rng(seed).exponential(10, size=tasks)


def test_the_interval_is_about_the_standard_error_and_leaves_out_missing_values():
    values = np.append(losses(0, 400), NAN)
    found = task_mean(values, 1)
    error = np.nanstd(values, ddof=1) / 20
    assert (found.mean, found.tasks) == (pytest.approx(np.nanmean(values)), 400)
    assert (found.high - found.low) / 2 / error == pytest.approx(1.96, rel=0.05)
    assert task_mean(values, 1) == found


def test_values_that_are_all_missing_have_no_mean():
    with pytest.raises(InputError, match="No task has a value"):
        task_mean(np.array([NAN, NAN]), 0)


def test_no_difference_and_a_single_task_show_nothing():
    assert lower_p_value(np.zeros(20), 0) == 1
    assert lower_p_value(np.array([-5.0]), 0) == 1
    assert lower_p_value(np.array([-5.0, NAN]), 0) == 1


def test_four_tasks_can_show_nothing_whatever_the_difference():
    assert lower_p_value(np.array([-5.0, -6.0, -7.0, -8.0]), 0) > 0.05
    assert lower_p_value(np.full(8, -5.0) - np.arange(8), 0) < 0.01


@pytest.mark.parametrize("tasks", [8, 20])
def test_false_claims_are_about_as_rare_as_promised(tasks):
    random = np.random.default_rng(5)
    claims = [lower_p_value(random.normal(size=tasks), 3) < 0.05 for _ in range(300)]
    assert np.mean(claims) < 0.09


def test_a_method_that_is_better_is_named_with_by_how_much():
    static = losses(0)
    found = verdict(
        {"probe": static - 3, "noise": losses(1)}, {"average": static, "chance": 2 * static}
    )
    assert (found.static, found.better, found.tasks) == ("average", ("probe",), 30)
    assert found.methods["probe"].difference.mean == pytest.approx(-3)
    assert str(found).startswith("probe beats the best static ranking, average, by 3.00 (3.00 to ")


def test_without_a_better_method_the_tool_says_so():
    static = losses(0)
    found = verdict({"probe": losses(1), "same": static}, {"average": static})
    assert found.better == ()
    assert str(found) == "No evidence that any score beats the static ranking (average, 30 tasks)."


def test_too_few_tasks_are_said_to_be_too_few():
    found = verdict({"probe": np.zeros(4)}, {"average": np.ones(4)})
    assert "5 tasks are the fewest that could show it" in str(found)


def test_p_values_are_corrected_for_the_number_of_methods():
    static = losses(0)
    values = static - np.random.default_rng(2).normal(1.0, 2.0, size=30)
    alone = verdict({"a": values}, {"average": static}).methods["a"].p
    idle = {f"idle {one}": static for one in range(9)}
    among = verdict({"a": values, **idle}, {"average": static}).methods["a"].p
    assert among == pytest.approx(min(1.0, 10 * alone))


def test_a_task_without_a_loss_of_one_method_is_left_out_for_all():
    found = verdict({"a": np.array([NAN, 1.0, 1.0])}, {"b": np.array([0.0, 2.0, 2.0])})
    assert (found.tasks, found.static_mean.mean) == (2, 2)


def test_a_verdict_needs_both_sides_and_a_common_task():
    with pytest.raises(InputError, match="at least one method and one static"):
        verdict({}, {"b": np.ones(3)})
    with pytest.raises(InputError, match="'b' is both"):
        verdict({"b": np.ones(3)}, {"b": np.ones(3)})
    with pytest.raises(InputError, match="No task has a loss of every"):
        verdict({"a": np.array([NAN, 1.0])}, {"b": np.array([1.0, NAN])})
