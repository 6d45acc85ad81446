"""The built-in solvers: every status with a real optimiser, limits, gaps, absence."""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyomo.environ as pyo
import pytest
from solver_programs import hard, knapsack, state

from taskspace.components import Limits
from taskspace.errors import SolverMissing
from taskspace_plugins.solvers._glpk_log import last_bound
from taskspace_plugins.solvers.auto import Auto
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

HAS_SWIGLPK = importlib.util.find_spec("swiglpk") is not None


def without_program(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)


def with_program(monkeypatch, tmp_path):
    """Put a glpsol on the PATH: the machine's, or the library in a program's clothes."""
    if shutil.which("glpsol") is None:
        program = tmp_path / "bin" / "glpsol"
        program.parent.mkdir()
        body = Path(__file__).with_name("glpsol_program.py")
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{body}" "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(params=["highs", "glpk-library", "glpk-program", "auto"])
def solver(request, monkeypatch, tmp_path):
    if request.param.startswith("glpk") and not HAS_SWIGLPK and shutil.which("glpsol") is None:
        pytest.skip(Glpk().missing())
    if request.param == "glpk-library":
        without_program(monkeypatch)
    if request.param == "glpk-program":
        with_program(monkeypatch, tmp_path)
    return {"highs": Highs, "auto": Auto}.get(request.param, Glpk)()


def test_optimal(solver):
    solution = solver.solve(knapsack([2, 3, 4, 5], [3, 4, 5, 6], 5, constant=0.5), Limits())
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(7.5)
    assert solution.bound == pytest.approx(7.5, rel=1e-8)
    assert solution.bound >= solution.objective - 1e-9
    assert {name: round(value) for name, value in solution.values.items()} == {"x[0]": 1, "x[1]": 1}
    assert solution.version.split()[0] in ("HiGHS", "GLPK")
    assert solution.seconds > 0


def test_feasible_with_its_gap_where_the_time_is_up(solver):
    for seconds in (1.0, 4.0, 16.0, 64.0):
        solution = solver.solve(hard(), Limits(seconds=seconds))
        if solution.status != "unknown":
            break  # on a busy machine a second is too short for any solution
    assert solution.status == "feasible"
    assert solution.objective < solution.bound < 1.05 * solution.objective
    assert solution.seconds < seconds + 60  # it takes hours


def test_the_model_is_left_as_it_was(solver):
    model = knapsack([2, 3, 4, 5], [3, 4, 5, 6], 5)
    model.twice = pyo.Objective(expr=2 * model.x[0], sense=pyo.maximize)
    model.twice.deactivate()
    for value in (None, 0, 1):
        model.x.set_values(dict.fromkeys(range(4), value), skip_validation=True)
        before = state(model)
        solution = solver.solve(model, Limits())
        assert solution.objective == pytest.approx(7)
        assert {name: round(value) for name, value in solution.values.items()} == {
            "x[0]": 1,
            "x[1]": 1,
        }
        assert state(model) == before


def test_variables_that_are_fixed_or_unused_have_their_values_too(solver):
    model = knapsack([2, 3, 4, 5], [3, 4, 5, 6], 6)
    model.x[2].fix(1)
    model.x[3].fix(0)
    model.idle = pyo.Var(bounds=(2, 5))
    solution = solver.solve(model, Limits())
    assert (solution.status, solution.objective) == ("optimal", pytest.approx(8))
    assert solution.values == pytest.approx({"x[0]": 1, "x[2]": 1, "idle": 2})


def test_infeasible(solver):
    model = knapsack([1, 1], [1, 1], 2)
    model.never = pyo.Constraint(expr=2 * model.x[0] + 2 * model.x[1] == 1)
    solution = solver.solve(model, Limits())
    assert (solution.status, solution.objective, solution.bound) == ("infeasible", None, None)
    assert not solution.values


def test_infeasible_in_the_relaxation_already(solver):
    model = knapsack([1, 1], [1, 1], 2)
    model.never = pyo.Constraint(expr=model.x[0] + model.x[1] >= 3)
    assert solver.solve(model, Limits()).status == "infeasible"


def test_unknown_where_the_time_is_up_with_nothing_in_hand(solver):
    """Subset sums of large even numbers to an odd one: relaxations abound, solutions do not."""
    if shutil.which("glpsol") is not None and isinstance(solver, Glpk):
        limits = Limits(seconds=1.0)
    else:
        limits = Limits(seconds=0.3)
    draw = random.Random(3)
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(40), domain=pyo.Binary)
    model.rows = pyo.ConstraintList()
    for _ in range(4):
        row = [draw.randint(1000, 9000) for _ in range(40)]
        model.rows.add(sum(a * model.x[i] for i, a in enumerate(row)) == sum(row) // 2 + 1)
    model.value = pyo.Objective(expr=sum(model.x.values()), sense=pyo.maximize)
    solution = solver.solve(model, limits)
    assert (solution.status, solution.objective) == ("unknown", None)
    assert not solution.values


def test_error_where_the_model_has_no_end(solver):
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.NonNegativeIntegers)
    model.y = pyo.Var(domain=pyo.NonNegativeReals)
    model.row = pyo.Constraint(expr=model.x - model.y <= 1)
    model.value = pyo.Objective(expr=model.x + model.y, sense=pyo.maximize)
    solution = solver.solve(model, Limits(seconds=5))
    assert (solution.status, solution.objective) == ("error", None)


@pytest.mark.parametrize("difference", [1e-5, 1e-7, 1e-8])
def test_the_gap_is_honoured_to_nine_digits(solver, difference):
    """Of twelve almost equal values the best three are taken."""
    order = random.Random(1).sample(range(12), 12)
    gains = [0.5 + difference * rank for rank in order]
    solution = solver.solve(knapsack([1.0] * 12, gains, 3.5), Limits())
    assert solution.status == "optimal"
    chosen = {order[int(name[2:-1])] for name in solution.values}
    assert chosen == {9, 10, 11}


def test_the_number_of_threads_may_change_between_solves():
    model = knapsack([2, 3, 4, 5], [3, 4, 5, 6], 5)
    for threads in (1, 2, 1):
        assert Highs().solve(model, Limits(threads=threads)).status == "optimal"


def test_a_child_that_dies_is_an_error_and_not_our_end(monkeypatch, tmp_path):
    if not HAS_SWIGLPK:
        pytest.skip(Glpk().missing())
    from taskspace_plugins.solvers import _glpk_library

    child = tmp_path / "child.py"
    child.write_text(
        "import os\nprint('glp_get_row: i = -1; row number out of range', flush=True)\nos.abort()"
    )
    without_program(monkeypatch)
    monkeypatch.setattr(_glpk_library, "CHILD", child)
    solution = Glpk().solve(knapsack([1], [1], 1), Limits())
    assert solution.status == "error"
    assert "row number out of range" in solution.message


def test_a_child_that_does_not_end_is_stopped(monkeypatch, tmp_path):
    from taskspace_plugins.solvers import _glpk_library

    child = tmp_path / "child.py"
    child.write_text("import threading\nthreading.Event().wait()")
    without_program(monkeypatch)
    monkeypatch.setattr(_glpk_library, "CHILD", child)
    monkeypatch.setattr(_glpk_library, "GRACE", 0.1)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    solution = Glpk().solve(knapsack([1], [1], 1), Limits(seconds=0.2))
    assert solution.status == "unknown" and "was stopped" in solution.message


def test_what_is_absent_says_how_to_install_it(monkeypatch):
    without_program(monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'taskspace[glpk]'" in Glpk().missing()
    assert "pip install highspy" in Highs().missing()
    with pytest.raises(SolverMissing, match=r"glpk is not installed.*taskspace"):
        Glpk().solve(knapsack([1], [1], 1), Limits())
    with pytest.raises(SolverMissing, match="pip install highspy"):
        Auto().solve(knapsack([1], [1], 1), Limits())


def test_without_glpk_auto_is_highs(monkeypatch):
    without_program(monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "highspy" or None)
    assert Auto().choice(knapsack([1], [1], 1)).name == "highs"
    assert Auto().missing() is None


def test_listing_solvers_and_policies_imports_no_optimiser():
    program = (
        "import sys; import taskspace_plugins.solvers.auto, taskspace.policy, "
        "taskspace.studies.taxonomy.table.affinities; "
        "print([m for m in ('pyomo', 'highspy', 'swiglpk', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("log", "bound"),
    [
        ("", None),
        ("+  1: mip =     not found yet <=              +inf        (1; 0)\n", None),
        ("+ 12: mip =     not found yet <=   4.500000000e+00        (1; 0)\n", 4.5),
        (
            "+ 12: mip =     not found yet <=   4.500000000e+00        (1; 0)\n"
            "+ 99: >>>>>   3.000000000e+00 <=   4.250000000e+00  41.7% (2; 0)\n",
            4.25,
        ),
        ("+ 99: mip =   3.000000000e+00 <=     tree is empty   0.0% (0; 9)\n", None),
    ],
)
def test_the_bound_is_the_last_one_in_the_log(log, bound):
    assert last_bound(log) == (None if bound is None else pytest.approx(bound, rel=2e-9))
    assert bound is None or last_bound(log) >= bound
