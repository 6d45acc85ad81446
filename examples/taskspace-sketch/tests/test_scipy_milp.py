"""What the solver does beyond what the kit asks of every solver."""

import pytest
from pyomo import environ as pyo
from taskspace.components import Limits
from taskspace.errors import SolverError

from taskspace_sketch.scipy_milp import ScipyMilp


@pytest.fixture
def model() -> pyo.ConcreteModel:
    """Max 2x + 3y + 5z + 7 for binary x, y, z with x + y + z <= 2: 15, at y = z = 1."""
    model = pyo.ConcreteModel()
    model.x, model.y, model.z = (pyo.Var(domain=pyo.Binary) for _ in range(3))
    model.row = pyo.Constraint(expr=model.x + model.y + model.z <= 2)
    model.gain = pyo.Objective(expr=2 * model.x + 3 * model.y + 5 * model.z + 7, sense=pyo.maximize)
    return model


def solve(model: pyo.ConcreteModel, **limits: float):
    return ScipyMilp().solve(model, Limits(**limits))


def test_the_optimum_with_its_bound_and_values(model):
    found = solve(model)
    assert (found.status, found.message) == ("optimal", "")
    assert found.objective == pytest.approx(15) == found.bound
    assert {name: round(value) for name, value in found.values.items()} == {"y": 1, "z": 1}
    assert found.version.startswith("scipy ")


def test_fixed_variables_are_constants(model):
    model.z.fix(0)
    assert solve(model).objective == pytest.approx(12)
    model.x.fix(1)
    model.y.fix(1)
    found = solve(model)
    assert (found.status, found.objective, found.bound) == ("optimal", 12, 12)


def test_what_is_fixed_may_be_impossible(model):
    for variable in (model.x, model.y, model.z):
        variable.fix(1)
    assert solve(model).status == "infeasible"


def test_equalities_lower_bounds_and_continuous_variables(model):
    model.w = pyo.Var(bounds=(None, 0.5))
    model.least = pyo.Constraint(expr=model.w >= -3 + model.x)
    model.exactly = pyo.Constraint(expr=model.y + 2 * model.w == 0)
    # y = 1 would need w = -0.5; y = 0 needs w = 0: both are allowed, and y is worth it.
    found = solve(model)
    assert found.objective == pytest.approx(15)
    assert found.values["w"] == pytest.approx(-0.5)


def test_a_linear_program_has_its_optimum_for_a_bound():
    model = pyo.ConcreteModel()
    model.x = pyo.Var(bounds=(0, 2.5))
    model.gain = pyo.Objective(expr=3 * model.x, sense=pyo.maximize)
    found = solve(model)
    assert (found.status, found.objective, found.bound) == ("optimal", 7.5, 7.5)


def test_small_gains_count(model):
    """A gain of 1e-8 is far below the absolute gap at which HiGHS stops."""
    model.gain.set_value(expr=1e-8 * (2 * model.x + 3 * model.y + 5 * model.z))
    found = solve(model)
    assert found.objective == pytest.approx(8e-8, rel=1e-9)
    assert found.bound == pytest.approx(8e-8, rel=1e-6)


def test_unbounded_is_an_error_and_not_infeasible():
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.gain = pyo.Objective(expr=model.x, sense=pyo.maximize)
    found = solve(model)
    assert found.status == "error" and found.objective is None and found.bound is None


def test_without_time_nothing_is_claimed(model):
    found = solve(model, seconds=0.0)
    assert found.status in ("unknown", "feasible", "optimal")
    assert (found.objective is None) == (found.status == "unknown")


def test_what_is_not_linear_is_refused_with_advice(model):
    model.product = pyo.Constraint(expr=model.x * model.y <= 1)
    with pytest.raises(SolverError, match="choose another solver"):
        solve(model)
    model.del_component(model.product)
    model.del_component(model.gain)
    with pytest.raises(SolverError, match="0 objectives"):
        solve(model)
