"""Starts are policies, found on gains that are what an exact count says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import enumerated, problems

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import InputError
from taskspace.studies.taxonomy.policy import PolicyProblem, Transfer, solve_policies, start
from taskspace.studies.taxonomy.policy.formulation import build, set_budget, started_from
from taskspace.studies.taxonomy.policy.instance import Instance
from taskspace.studies.taxonomy.policy.start import Starts
from taskspace_plugins.solvers.highs import Highs


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 63))
def test_gains_are_what_each_further_task_brings(problem, drawn):
    instance = Instance(problem)
    mask = drawn % (1 << len(instance.sources))
    now = instance.weight(mask)
    worth, gains = Starts(instance)._worth(mask)
    if now is None:
        return
    assert worth == pytest.approx(instance.value(now), abs=1e-12)
    for k in range(len(instance.sources)):
        if not mask >> k & 1:
            then = instance.weight(mask | 1 << k)
            assert then is not None
            # Under rule `own`, a task may lose by its labels.
            assert gains[k] == pytest.approx(instance.value(then - now), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 6), st.data())
def test_a_start_is_an_affordable_policy_with_what_is_required(problem, budget, data):
    names = st.sampled_from(problem.sources)
    required = data.draw(st.frozensets(names, max_size=2))
    forbidden = data.draw(st.frozensets(names, max_size=2)) - required
    try:
        decided = replace(problem, required=required, forbidden=forbidden)
    except InputError:  # nothing is left that can serve a target
        return
    instance = Instance(decided)
    capacity = instance.capacity(budget)
    mask = Starts(instance).best(capacity)
    if mask is not None:
        assert instance.allows(mask)
        assert instance.cost(mask) <= capacity
        assert instance.weight(mask) is not None
        if not required | forbidden:
            optimum = enumerated(problem, budget)
            assert optimum is not None
            assert instance.value(instance.weight(mask) or 0) <= float(optimum.objective) + 1e-9


def larger(seed: int) -> PolicyProblem:
    draw = random.Random(seed)
    names = [f"t{k:02}" for k in range(14)]
    transfers = [Transfer(name, (name,), 1.0) for name in names]
    for target in names:
        others = [name for name in names if name != target]
        transfers += [Transfer(target, (s,), round(draw.random(), 3)) for s in others]
        for _ in range(10):
            pair = tuple(sorted(draw.sample(others, 2)))
            transfers.append(Transfer(target, pair, round(0.5 + 0.6 * draw.random(), 3)))
    unique = {(t.target, t.sources): t for t in transfers}
    return PolicyProblem.of(unique.values())


class Told(Solver):
    """HiGHS, and what the model said before it was asked."""

    name = "told"
    heard: ClassVar[list[float | None]] = []

    def solve(self, model, limits: Limits) -> Solution:
        self.heard.append(
            sum(g * v.value for g, v in zip(*_terms(model), strict=True))
            if model.y[0].value is not None
            else None
        )
        return Highs().solve(model, limits)

    def missing(self) -> str | None:
        return None


def _terms(model):
    expression = model.objective.expr
    return expression.linear_coefs, expression.linear_vars


@pytest.mark.parametrize("seed", range(2))
def test_the_first_solve_of_a_budget_starts_near_the_optimum(seed):
    Told.heard.clear()
    problem = larger(seed)
    (policy,) = solve_policies(problem, [4], Told())
    unit = build(Instance(problem)).value_unit
    assert policy.objective is not None
    first, *later = Told.heard
    assert first is not None
    assert 0.98 * policy.objective <= first * unit <= policy.objective + 1e-9
    assert later == [None] * len(later)  # equally good sets are looked for beside it


def test_the_search_ends_where_it_has_looked_at_enough(monkeypatch):
    starts = Starts(Instance(larger(3)))
    looks, worth = 0, Starts._worth

    def counted(self, mask):
        nonlocal looks
        looks += 1
        return worth(self, mask)

    monkeypatch.setattr(Starts, "_worth", counted)
    monkeypatch.setattr(start, "MOST_WORK", 5 * len(starts._member))
    assert starts.best(starts.instance.capacity(8)) is not None
    assert looks <= 5 + 4  # what was begun is finished


def test_a_start_satisfies_the_model_and_leaves_no_trace():
    from pyomo.environ import value

    instance = Instance(larger(7))
    model = build(instance)
    set_budget(model, instance, 3)
    with started_from(model, instance, Starts(instance).best(instance.capacity(3))):
        rows = [*model.serve.values(), *model.admit.values(), model.within_budget]
        for row in rows:
            body = sum(
                c * v.value
                for c, v in zip(row.body.linear_coefs, row.body.linear_vars, strict=True)
            )
            assert row.lower is None or body >= value(row.lower) - 1e-9
            assert row.upper is None or body <= value(row.upper) + 1e-9
    assert all(variable.value is None for variable in (*model.y.values(), *model.x.values()))
