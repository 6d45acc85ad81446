"""HiGHS given whole programs: against enumeration, in threads, and stopped by Ctrl-C."""

from __future__ import annotations

import itertools
import signal
import threading
import time
from fractions import Fraction

import hypothesis.strategies as st
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from solver_programs import hard, knapsack, state

from taskspace.components import Limits
from taskspace_plugins.solvers import _highs_call
from taskspace_plugins.solvers.highs import Highs

INTEGERS = 3
SMALL = st.integers(-3, 3)


@st.composite
def programs(draw):
    """Draw a program of three integers and one real, with all that a Pyomo model may hold."""
    spans = [sorted(draw(st.tuples(SMALL, SMALL))) for _ in range(INTEGERS + 1)]
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        coefs = draw(st.tuples(*[SMALL] * (INTEGERS + 1)))
        low, high = sorted(draw(st.tuples(st.integers(-8, 8), st.integers(-8, 8))))
        kind = draw(st.sampled_from(["range", "equal", "low", "high"]))
        if kind == "equal":
            high = low
        rows.append(
            (coefs, None if kind == "high" else low, None if kind == "low" else high, draw(SMALL))
        )
    return {
        "spans": spans,
        "rows": rows,
        "gains": draw(st.tuples(*[SMALL] * (INTEGERS + 1))),
        "constant": draw(SMALL),
        "maximise": draw(st.booleans()),
        "fixed": draw(st.none() | st.integers(*spans[0])),
        "start": draw(st.lists(st.none() | SMALL, min_size=INTEGERS + 1, max_size=INTEGERS + 1)),
    }


def as_model(program):
    model = pyo.ConcreteModel()
    model.x = pyo.Var(
        range(INTEGERS), domain=pyo.Integers, bounds=lambda _, i: tuple(program["spans"][i])
    )
    model.z = pyo.Var(bounds=tuple(program["spans"][INTEGERS]))
    parts = [*model.x.values(), model.z]
    for variable, value in zip(parts, program["start"], strict=True):
        variable.set_value(value, skip_validation=True)
    if program["fixed"] is not None:
        model.x[0].fix(program["fixed"])
    model.shift = pyo.Param(range(len(program["rows"])), mutable=True, initialize=99)
    model.rows = pyo.ConstraintList()
    for k, (coefs, low, high, shift) in enumerate(program["rows"]):
        body = sum(a * v for a, v in zip(coefs, parts, strict=True)) + 0 * parts[0]
        model.rows.add((low, body + model.shift[k], high))
        model.shift[k] = shift
    model.never = pyo.Constraint(expr=model.z >= 100)
    model.never.deactivate()
    model.other = pyo.Objective(expr=model.z)
    model.other.deactivate()
    gains = sum(g * v for g, v in zip(program["gains"], parts, strict=True))
    sense = pyo.maximize if program["maximise"] else pyo.minimize
    model.value = pyo.Objective(expr=gains + program["constant"], sense=sense)
    return model


def reals(program, point):
    """Return the least and the largest z that is allowed beside integers, or None."""
    low, high = map(Fraction, program["spans"][INTEGERS])
    for (*coefs, slope), least, most, shift in program["rows"]:
        rest = sum(a * v for a, v in zip(coefs, point, strict=True)) + shift
        sides = [None if side is None else side - rest for side in (least, most)]
        if slope == 0:
            if (sides[0] is not None and sides[0] > 0) or (sides[1] is not None and sides[1] < 0):
                return None
            continue
        ends = [None if side is None else Fraction(side, slope) for side in sides]
        low_end, high_end = ends if slope > 0 else ends[::-1]
        low = low if low_end is None else max(low, low_end)
        high = high if high_end is None else min(high, high_end)
    return (low, high) if low <= high else None


def optimum(program):
    """Return the best objective over all integer points and ends of their intervals, or None."""
    spans = [range(low, high + 1) for low, high in program["spans"][:INTEGERS]]
    if program["fixed"] is not None:
        spans[0] = range(program["fixed"], program["fixed"] + 1)
    *gains, slope = program["gains"]
    values = [
        sum(g * v for g, v in zip(gains, point, strict=True)) + slope * z + program["constant"]
        for point in itertools.product(*spans)
        for z in reals(program, point) or ()
    ]
    return (max if program["maximise"] else min)(values, default=None)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(programs())
def test_any_small_program_with_any_start_is_solved_as_by_enumeration(program):
    model, best = as_model(program), optimum(program)
    before = state(model)
    solution = Highs().solve(model, Limits())
    assert state(model) == before
    if best is None:
        assert (solution.status, solution.objective, solution.bound) == ("infeasible", None, None)
        return
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(float(best), abs=1e-6)
    assert solution.bound == pytest.approx(float(best), abs=1e-6)
    found = [solution.values.get(name, 0.0) for name in ("x[0]", "x[1]", "x[2]", "z")]
    whole = [round(value) for value in found[:INTEGERS]]
    assert found[:INTEGERS] == pytest.approx(whole, abs=1e-6)
    low, high = reals(program, whole)
    assert low - Fraction(1, 10**6) <= found[INTEGERS] <= high + Fraction(1, 10**6)
    value = sum(g * v for g, v in zip(program["gains"], found, strict=True)) + program["constant"]
    assert value == pytest.approx(float(best), abs=1e-6)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_highs_sees_values_of_one_size_and_answers_in_the_unit_of_the_model(unit, monkeypatch):
    """Of twelve almost equal values the best three are taken, however small they are."""
    seen, run = [], _highs_call.run_highs

    def recorded(program, options, start=None):
        seen.append(max(program.cost))
        return run(program, options, start)

    monkeypatch.setattr(_highs_call, "run_highs", recorded)
    order = [5, 0, 11, 3, 8, 1, 10, 7, 2, 9, 4, 6]
    gains = [unit * (0.5 + 1e-8 * rank) for rank in order]
    solution = Highs().solve(knapsack([1.0] * 12, gains, 3.5, constant=unit), Limits())
    assert solution.status == "optimal"
    assert {order[int(name[2:-1])] for name in solution.values} == {9, 10, 11}
    assert solution.objective == pytest.approx(unit * (2.5 + 30e-8), rel=1e-12)
    assert solution.bound == pytest.approx(solution.objective, rel=2e-9)
    assert 4096 <= seen[0] <= 8192


def test_a_model_whose_variables_are_all_fixed():
    model = knapsack([2, 3], [3, 4], 4, constant=0.5)
    for k, value in ((0, 1), (1, 0)):
        model.x[k].fix(value)
    solution = Highs().solve(model, Limits())
    assert (solution.status, solution.objective, solution.bound) == ("optimal", 3.5, 3.5)
    assert solution.values == {"x[0]": 1.0}
    model.x[1].fix(1)
    assert Highs().solve(model, Limits()).status == "infeasible"


def test_a_row_of_constants_that_is_violated():
    model = knapsack([2, 3], [3, 4], 4)
    model.low = pyo.Param(mutable=True, initialize=1)
    model.never = pyo.Constraint(expr=0 * model.x[0] + model.low <= 0)
    assert Highs().solve(model, Limits()).status == "infeasible"
    model.low = -1
    assert Highs().solve(model, Limits()).status == "optimal"


def test_of_several_active_objectives_none_is_preferred():
    model = knapsack([2, 3], [3, 4], 4)
    model.second = pyo.Objective(expr=model.x[0])
    with pytest.raises(ValueError, match="value, second"):
        Highs().solve(model, Limits())


def test_solves_at_once_in_threads_with_different_numbers_of_threads():
    answers, together = {}, threading.Barrier(4)

    def solve(k):
        model = knapsack([2, 3, 4, 5 + k], [3, 4, 5, 6], 5 + k)
        together.wait()
        for turn in range(3):
            answers[k, turn] = Highs().solve(model, Limits(threads=1 + (k + turn) % 2))

    workers = [threading.Thread(target=solve, args=(k,), daemon=True) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(600)
    assert len(answers) == 12
    assert {solution.status for solution in answers.values()} == {"optimal"}
    best = {0: 7, 1: 8, 2: 9, 3: 9}
    for (k, _), solution in answers.items():
        assert solution.objective == pytest.approx(best[k])


def test_ctrl_c_stops_it_and_the_next_solve_works():
    def interrupt(*_):
        raise KeyboardInterrupt

    started = time.process_time()
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            Highs().solve(hard(), Limits(seconds=300))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.process_time() - started < 150  # half of what it was allowed
    assert Highs().solve(knapsack([1], [1], 1), Limits()).status == "optimal"
