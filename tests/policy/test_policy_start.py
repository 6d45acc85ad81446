"""Starts are policies, found on gains and losses that are what an exact count says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import enumerated, problems

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import InputError
from taskspace.policy import PolicyProblem, Transfer, solve_policies
from taskspace.policy.bounds import start
from taskspace.policy.bounds.arrays import OptionArrays
from taskspace.policy.bounds.start import Starts
from taskspace.policy.model.formulation import build, set_budget, started_from
from taskspace.policy.model.instance import Instance
from taskspace_plugins.solvers.highs import Highs


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 63))
def test_gains_and_losses_are_what_a_further_or_a_missing_task_changes(problem, drawn):
    instance = Instance(problem)
    mask = drawn % (1 << len(instance.sources))
    now = instance.weight(mask)
    if now is None:
        return
    options = OptionArrays(problem)
    starts = Starts(options)
    held = starts._set(options.inside(mask))
    assert held.worth == pytest.approx(instance.value(now), abs=1e-12)
    gains, drops = starts.gains(held), starts._drops(held)
    losses = np.bincount(drops.source, drops.most - drops.without, minlength=len(gains))
    for k in range(len(instance.sources)):
        then = instance.weight(mask ^ 1 << k)
        if mask >> k & 1:
            if then is not None:
                assert losses[k] == pytest.approx(instance.value(now - then), abs=1e-12)
        else:
            assert then is not None
            # Under rule `own`, a task may lose by its labels.
            assert gains[k] == pytest.approx(instance.value(then - now), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 63))
def test_a_set_as_bits_and_as_flags_is_the_same_set(problem, drawn):
    options = OptionArrays(problem)
    mask = drawn % (1 << len(problem.sources))
    inside = options.inside(mask)
    assert options.mask(inside) == mask
    names = {problem.sources[k] for k in np.flatnonzero(inside)}
    assert names == set(Instance(problem).names(mask))


def first_order(seed: int, tasks: int = 9) -> PolicyProblem:
    draw = random.Random(seed)
    names = [f"t{k:02}" for k in range(tasks)]
    values = {(s, t): round(draw.random(), 3) for s in names for t in names}
    return PolicyProblem.of(
        [Transfer(t, (s,), 1.0 if s == t else value) for (s, t), value in values.items()]
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_swap_of_first_order_sources_changes_what_it_is_ranked_by(seed):
    problem = first_order(seed)
    options = OptionArrays(problem)
    starts = Starts(options)
    draw = random.Random(seed)
    held = starts._set(options.inside(sum(1 << k for k in draw.sample(range(9), 4))))
    gains, drops = starts.gains(held), starts._drops(held)
    losses = np.bincount(drops.source, drops.most - drops.without, minlength=9)
    code, extra = starts._shared(held, drops)
    shared = dict(zip(code.tolist(), extra.tolist(), strict=True))
    for into in np.flatnonzero(~held.inside).tolist():
        for out in np.flatnonzero(held.inside).tolist():
            inside = held.inside.copy()
            inside[into], inside[out] = True, False
            # What the task that comes loses as a target that had the one that goes is not counted.
            profit = gains[into] - losses[out] + shared.get(into * 9 + out, 0.0)
            target = options.own[into]
            best = held.state.best[target]
            lost = options.member[options.first[best]] == out
            if not lost:
                assert profit == pytest.approx(starts._set(inside).worth - held.worth, abs=1e-9)


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
    instance, options = Instance(decided), OptionArrays(decided)
    capacity = instance.capacity(budget)
    found = Starts(options).best(capacity)
    if found is not None:
        mask = options.mask(found.inside)
        assert instance.allows(mask)
        assert instance.cost(mask) <= capacity
        weight = instance.weight(mask)
        assert weight is not None
        assert found.worth == pytest.approx(instance.value(weight), abs=1e-12)
        if not required | forbidden:
            optimum = enumerated(problem, budget)
            assert optimum is not None
            assert found.worth <= float(optimum.objective) + 1e-9


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
@pytest.mark.parametrize("reduce", [False, True])
def test_the_first_solve_of_a_budget_starts_near_the_optimum(seed, reduce):
    Told.heard.clear()
    problem = larger(seed)
    (policy,) = solve_policies(problem, [4], Told(), reduce=reduce)
    unit = build(Instance(problem)).value_unit
    assert policy.objective is not None
    first, *later = Told.heard
    assert first is not None
    assert 0.98 * policy.objective <= first * unit <= policy.objective + 1e-9
    assert later == [None] * len(later)  # equally good sets are looked for beside it


def test_the_search_ends_where_it_has_looked_at_enough(monkeypatch):
    options = OptionArrays(larger(3))
    starts = Starts(options)
    looks, look = 0, Starts._set

    def counted(self, inside):
        nonlocal looks
        looks += 1
        return look(self, inside)

    monkeypatch.setattr(Starts, "_set", counted)
    monkeypatch.setattr(start, "MOST_WORK", 5 * (len(options.member) + start.A_LOOK))
    assert starts.best(8) is not None
    assert looks <= 5 + start.CANDIDATES  # what was begun is finished


def test_a_start_satisfies_the_model_and_leaves_no_trace():
    from pyomo.environ import value

    problem = larger(7)
    instance, options = Instance(problem), OptionArrays(problem)
    model = build(instance)
    set_budget(model, instance, 3)
    found = Starts(options).best(instance.capacity(3))
    assert found is not None
    with started_from(model, instance, options.mask(found.inside)):
        rows = [*model.serve.values(), *model.admit.values(), model.within_budget]
        for row in rows:
            body = sum(
                c * v.value
                for c, v in zip(row.body.linear_coefs, row.body.linear_vars, strict=True)
            )
            assert row.lower is None or body >= value(row.lower) - 1e-9
            assert row.upper is None or body <= value(row.upper) + 1e-9
    assert all(variable.value is None for variable in (*model.y.values(), *model.x.values()))
