"""The Pyomo model: what it says, and that it is tight."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import complete, problems
from pyomo.core.base.component import ComponentData
from pyomo.environ import Reals, value

from taskspace.components import Limits
from taskspace.policy.model.formulation import (
    build,
    forbid,
    forbid_supersets,
    set_budget,
)
from taskspace.policy.model.instance import Instance, bits, undominated
from taskspace_plugins.solvers.highs import Highs


def test_only_supervision_is_binary():
    model = build(Instance(complete({("a", "b"): 0.5, ("b", "a"): 0.5})))
    assert all(y.is_binary() for y in model.y.values())
    assert all(x.is_continuous() and x.bounds == (0, 1) for x in model.x.values())


def test_one_model_serves_every_budget():
    instance = Instance(complete(dict.fromkeys(itertools.permutations("abc", 2), 0.5)))
    model = build(instance)
    found = []
    for budget in (1, 3, 2, 1):
        set_budget(model, instance, budget)
        solution = Highs().solve(model, Limits())
        found.append(solution.objective * model.value_unit)
    assert found == pytest.approx([2.0, 3.0, 2.5, 2.0])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problem=problems())
def test_the_model_agrees_with_the_arithmetic_on_every_set(problem):
    """Fix y to each set: the model's optimum over x is the exact objective, or both say no."""
    instance = Instance(problem)
    model = build(instance)
    for mask in range(0, 1 << len(instance.sources), 3):
        for k, y in model.y.items():
            y.fix(mask >> k & 1)
        set_budget(model, instance, 100.0)
        for k in model.y:
            model.y[k].domain = Reals  # a program without x has nothing else left to vary
        solution = Highs().solve(model, Limits())
        weight = instance.weight(mask)
        if weight is None:
            assert solution.status == "infeasible"
        else:
            assert solution.objective * model.value_unit == pytest.approx(
                instance.value(weight), abs=1e-9
            )


def test_first_order_relaxations_are_whole():
    """With one source a transfer the relaxation has the optimum's value here, and y is whole."""
    pairs = list(itertools.permutations("abcdefgh", 2))
    values = {pair: math.sin(3.0 * k) ** 2 / 2 for k, pair in enumerate(pairs)}
    instance = Instance(complete(values))
    model = build(instance)
    set_budget(model, instance, 3)
    whole = Highs().solve(model, Limits())
    for y in model.y.values():
        y.domain = Reals
        y.setlb(0)
        y.setub(1)
    model.budget.set_value(3)
    assert Highs().solve(model, Limits()).objective == pytest.approx(whole.objective, rel=1e-6)


def test_cuts_forbid_what_they_name_and_a_new_budget_takes_them_back():
    instance = Instance(complete(dict.fromkeys(itertools.permutations("abc", 2), 0.5)))
    model = build(instance)

    def allowed():
        sets = []
        for mask in range(8):
            for k, y in model.y.items():
                y.set_value(mask >> k & 1)
            if all(cut.lb is None or value(cut.body) >= cut.lb for cut in cuts()) and all(
                cut.ub is None or value(cut.body) <= cut.ub for cut in cuts()
            ):
                sets.append(mask)
        return sets

    def cuts() -> list[ComponentData]:
        return list(model.cuts.values())

    set_budget(model, instance, 2)
    forbid_supersets(model, 0b011)
    assert allowed() == [0b000, 0b001, 0b010, 0b100, 0b101, 0b110]
    forbid(model, 0b100)
    assert allowed() == [0b000, 0b001, 0b010, 0b101, 0b110]
    set_budget(model, instance, 2)
    assert len(allowed()) == 8


class Masked:
    def __init__(self, mask):
        self.mask = mask
        self.cost = 0


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    ranked=st.lists(
        st.tuples(st.integers(-4, 0), st.integers(1, 2**9 - 1)), unique_by=lambda t: t[1]
    )
)
def test_dominance_removes_what_something_smaller_always_replaces(ranked):
    """Order up to nine: both ways of looking for a dominating transfer are used."""
    best_first = sorted(ranked, key=lambda t: (t[0], t[1].bit_count()))
    kept = {option.mask for option in undominated([Masked(mask) for _, mask in best_first])}
    for weight, mask in ranked:
        replaced = any(
            other != mask and not other & ~mask and rank <= weight for rank, other in ranked
        )
        assert (mask in kept) is not replaced


def test_bits_are_counted_from_the_lowest():
    assert list(bits(0b101001)) == [0, 3, 5]
