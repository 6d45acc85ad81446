"""Values on the variables as a start: used where they check out, harmless where they do not."""

from __future__ import annotations

import pyomo.environ as pyo
import pytest
from solver_programs import hard, knapsack

from taskspace.components import Limits
from taskspace_plugins.solvers import _highs_call
from taskspace_plugins.solvers.highs import Highs


@pytest.fixture
def runs(monkeypatch):
    """Record the start and the options of every run of HiGHS."""
    recorded = []
    real = _highs_call.run_highs

    def run(program, options, start=None):
        recorded.append((None if start is None else [*start], dict(options)))
        return real(program, options, start)

    monkeypatch.setattr(_highs_call, "run_highs", run)
    return recorded


def served():
    """Return a model of one choice of two, whose reals serve as far as their choice is taken."""
    model = pyo.ConcreteModel()
    model.y = pyo.Var(range(2), domain=pyo.Binary)
    model.x = pyo.Var(range(2), bounds=(0, 1))
    model.one = pyo.Constraint(expr=model.y[0] + model.y[1] <= 1)
    model.admit = pyo.Constraint(range(2), rule=lambda m, i: m.x[i] <= m.y[i])
    model.value = pyo.Objective(expr=2 * model.x[0] + 3 * model.x[1], sense=pyo.maximize)
    return model


def tell(model, y, x=(None, None)):
    for part, values in ((model.y, y), (model.x, x)):
        for i, value in enumerate(values):
            part[i].set_value(value, skip_validation=True)
    return model


def has_heuristics(options):
    return not set(_highs_call.WITH_A_START) & set(options)


def test_a_feasible_start_is_given_to_highs_and_its_heuristics_are_off(runs):
    solution = Highs().solve(tell(served(), (1, 0), (1, 0)), Limits())
    assert solution.objective == pytest.approx(3)
    ((start, options),) = runs
    assert sorted(start) == [0, 0, 1, 1]
    assert options.items() >= _highs_call.WITH_A_START.items()


@pytest.mark.parametrize("x", [(None, None), (0, None), (0, 1), (0.5, 0)])
def test_reals_that_are_absent_or_wrong_are_completed(runs, x):
    solution = Highs().solve(tell(served(), (1, 0), x), Limits())
    assert solution.objective == pytest.approx(3)
    start, options = runs[-1]
    if x == (0.5, 0):
        assert sorted(start) == [0, 0, 0.5, 1]  # no worse than it was told
    else:
        assert sorted(start) == [0, 0, 1, 1]
        assert has_heuristics(runs[0][1])
    assert not has_heuristics(options)


@pytest.mark.parametrize(
    "y",
    [(1, 1), (1, None), (None, None), (0.5, 0), (2, 0), (-1, 0), (float("nan"), 0)],
    ids=["infeasible", "partial", "none", "fractional", "above", "below", "nan"],
)
def test_any_other_start_does_no_harm(runs, y):
    solution = Highs().solve(tell(served(), y, (0, 0)), Limits())
    assert (solution.status, solution.objective) == ("optimal", pytest.approx(3))
    start, options = runs[-1]
    assert start is None
    assert has_heuristics(options)


def test_almost_whole_values_are_rounded(runs):
    Highs().solve(tell(served(), (1 - 1e-7, 1e-9), (1, 0)), Limits())
    assert sorted(runs[-1][0]) == [0, 0, 1, 1]


def test_a_start_that_is_optimal_stays_the_answer():
    solution = Highs().solve(tell(served(), (0, 1), (0, 1)), Limits())
    assert (solution.status, solution.objective) == ("optimal", pytest.approx(3))
    assert solution.bound == pytest.approx(3)
    assert solution.values == pytest.approx({"y[1]": 1, "x[1]": 1})


def test_a_start_outlives_a_limit_that_leaves_no_time():
    model = hard()
    for i in model.x:
        model.x[i].set_value(1 if i < 30 else 0)
    told = pyo.value(model.value)
    solution = Highs().solve(model, Limits(seconds=0))
    assert solution.status == "feasible"
    assert solution.objective >= told
    assert solution.bound is None or solution.bound > solution.objective


def test_a_start_of_a_relaxation_or_a_minimisation():
    model = knapsack([2, 3, 4, 5], [3, 4, 5, 6], 5)
    model.value.deactivate()
    model.least = pyo.Objective(expr=model.x[0] - model.x[1] + 10)
    for i in model.x:
        model.x[i].set_value(0)
    assert Highs().solve(model, Limits()).objective == pytest.approx(9)
    model.x.domain = pyo.UnitInterval
    assert Highs().solve(model, Limits()).bound == pytest.approx(9)
