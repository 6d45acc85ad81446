"""The optimum, against trying everything; and that it is one answer whoever computes it."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import budgets, complete, enumerated, problems

from taskspace.components import Limits
from taskspace.policy import PolicyProblem, Transfer, solve_policies
from taskspace_plugins.solvers.auto import Auto
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

SOLVERS = [Highs(), Glpk()]


@pytest.fixture(params=SOLVERS, ids=lambda solver: solver.name)
def solver(request):
    if (reason := request.param.missing()) is not None:
        pytest.skip(reason)
    return request.param


def agrees_with_enumeration(problem, budget, solver, reduce):
    (policy,) = solve_policies(problem, [budget], solver, most_ties=64, reduce=reduce)
    best = enumerated(problem, budget)
    if best is None:
        assert policy.status == "infeasible"
        assert policy.objective is None and policy.bound is None and not policy.transfers
        return
    assert policy.status == "optimal", policy.message
    assert policy.objective == float(best.objective)
    assert policy.supervised == best.supervised
    assert dict(policy.transfers) == best.transfers


@settings(max_examples=150, deadline=None, derandomize=True)
@given(problem=problems(), budget=budgets, reduce=st.booleans())
def test_highs_finds_what_trying_everything_finds(problem, budget, reduce):
    agrees_with_enumeration(problem, budget, Highs(), reduce)


@pytest.mark.skipif(Glpk().missing() is not None, reason="GLPK is not installed")
@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), budget=budgets, reduce=st.booleans())
def test_glpk_finds_what_trying_everything_finds(problem, budget, reduce):
    agrees_with_enumeration(problem, budget, Glpk(), reduce)


@pytest.mark.parametrize("reduce", [True, False])
def test_a_label_may_cost_next_to_nothing(reduce):
    cost = float(np.nextafter(0, 1))
    transfers = [Transfer("a", ("a",), 0.0), Transfer("n", ("a",), 0.0)]
    problem = PolicyProblem(
        transfers=transfers, label_cost={"a": cost}, target_only=frozenset({"n"})
    )
    for budget in (0.0, cost, 1.0):
        agrees_with_enumeration(problem, budget, Highs(), reduce)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(problem=problems())
def test_a_larger_budget_is_never_worse(problem):
    policies = solve_policies(problem, [5.0, 0.0, 1.0, 2.0], Highs())
    assert [policy.budget for policy in policies] == [5.0, 0.0, 1.0, 2.0]
    ascending = sorted(policies, key=lambda policy: policy.budget)
    found = [policy.objective for policy in ascending if policy.objective is not None]
    assert found == sorted(found)
    feasible = [policy.status != "infeasible" for policy in ascending]
    assert feasible == sorted(feasible)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(problem=problems(), budget=budgets, seed=st.integers(0, 2**32))
def test_the_order_of_the_transfers_changes_nothing(problem, budget, seed):
    shuffled = list(problem.transfers)
    random.Random(seed).shuffle(shuffled)
    other = PolicyProblem(
        tuple(shuffled),
        problem.importance,
        problem.label_cost,
        problem.source_only,
        problem.target_only,
        problem.rule,
    )
    first, second = (
        {**policy.as_json(), "seconds": 0, "bound": 0, "gap": 0}
        for p in (problem, other)
        for policy in solve_policies(p, [budget], Highs())
    )
    assert first == second


def test_equally_good_sets_have_one_answer(solver):
    """Any two of six alike tasks are optimal; the first two by name are the answer."""
    names = "fedcba"
    problem = complete(dict.fromkeys(itertools.permutations(names, 2), 0.5))
    (policy,) = solve_policies(problem, [2], solver, most_ties=20)
    assert policy.supervised == ("a", "b")
    assert policy.message == ""
    assert {by for target, by in policy.transfers.items() if target not in "ab"} == {("a",)}


def test_a_search_for_ties_that_is_cut_short_says_so(solver):
    problem = complete(dict.fromkeys(itertools.permutations("abcdef", 2), 0.5))
    (policy,) = solve_policies(problem, [2], solver, most_ties=2)
    assert policy.status == "optimal"
    assert "More than 2 source sets" in policy.message


def test_labels_that_change_nothing_are_not_bought(solver):
    problem = complete({("a", "b"): 1.0, ("a", "c"): 1.0, ("b", "a"): 0.1, ("c", "a"): 0.1})
    (policy,) = solve_policies(problem, [3], solver)
    assert policy.supervised == ("a",)
    assert policy.objective == 3.0


@pytest.mark.parametrize("difference", [1e-6, 1e-7, 1e-8])
def test_a_last_digit_decides(solver, difference):
    """HiGHS stops at 1e-4, and both cut off at 1e-6 and 1e-7, unless they are told."""
    targets = [f"t{k}" for k in range(8)]
    sources = [f"s{k}" for k in range(12)]
    transfers = [
        Transfer(target, (source,), 0.5 + difference * ((7 * i + 5 * j * j) % 13) / 13)
        for i, target in enumerate(targets)
        for j, source in enumerate(sources)
    ]
    problem = PolicyProblem.of(transfers, target_only=targets)
    (policy,) = solve_policies(problem, [3], solver)
    best = max(
        sum(max(t.value for t in transfers if t.target == n and t.sources[0] in s) for n in targets)
        for s in itertools.combinations(sources, 3)
    )
    assert policy.status == "optimal"
    assert policy.objective == pytest.approx(best, rel=1e-13)


@pytest.mark.parametrize(
    ("costs", "budget", "bought"),
    [
        ((0.1, 0.2), 0.3, 2),  # 0.1 + 0.2 > 0.3 in doubles
        ((1 / 3, 1 / 3), 0.6666666666666666, 2),
        ((0.3333333333333334, 1 / 3), 0.6666666666666666, 1),  # over by the sixteenth digit
        ((1e-7, 1.0), 1.0, 1),
        ((1e-7, 1.0), 1.0000001, 2),
    ],
)
def test_costs_are_the_decimals_that_a_person_reads(solver, costs, budget, bought):
    problem = complete(
        {("a", "b"): 0.1, ("b", "a"): 0.1}, label_cost=dict(zip("ab", costs, strict=True))
    )
    (policy,) = solve_policies(problem, [budget], solver)
    assert policy.status == "optimal"
    assert len(policy.supervised) == bought


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_unit_of_the_values_changes_nothing(solver, scale):
    values = {("a", "b"): 0.7, ("b", "c"): 0.2, ("c", "a"): 0.9, ("a", "c"): 0.3}
    scaled = {pair: value * scale for pair, value in values.items()}
    one, other = (
        solve_policies(complete(v, own), [1, 2], solver)
        for v, own in ((values, 1.0), (scaled, scale))
    )
    assert [p.supervised for p in one] == [p.supervised for p in other]
    for first, second in zip(one, other, strict=True):
        assert second.objective == pytest.approx(first.objective * scale, rel=1e-12)


def test_an_infeasible_budget_stays_listed_with_what_would_work(solver):
    problem = complete({("a", "b"): 0.4, ("b", "a"): 0.2, ("b", "c"): 0.3, ("c", "b"): 0.3})
    none, one, two = solve_policies(problem, [0, 1, 2], solver)
    assert none.status == "infeasible"
    assert none.message == (
        "'a', 'b', 'c' cannot be served under this budget; the smallest that works is 1."
    )
    assert none.as_json()["objective"] is None and none.as_json()["mean_gain"] is None
    assert one.supervised == ("b",)
    assert two.status == "optimal"


def test_targets_that_cannot_be_served_together_are_said_to_be_so(solver):
    problem = complete({("a", "b"): 0.4, ("c", "d"): 0.4, ("b", "a"): 0.4, ("d", "c"): 0.4})
    (policy,) = solve_policies(problem, [1], solver)
    assert policy.message == (
        "The targets cannot all be served under this budget; the smallest that works is 2."
    )


def test_means_are_over_all_targets_and_null_where_one_is_unknown():
    def listed(quality):
        return [
            Transfer("a", ("a",), 1.0, 0.9, 0.5),
            Transfer("b", ("b",), 1.0, 0.9, 0.5),
            Transfer("b", ("a",), 0.5, 0.7, quality),
        ]

    (policy,) = solve_policies(PolicyProblem.of(listed(0.3), target_only=()), [1], Highs())
    assert (policy.mean_gain, policy.mean_quality) == (pytest.approx(0.8), pytest.approx(0.4))
    (policy,) = solve_policies(PolicyProblem.of(listed(None), target_only=()), [1], Highs())
    assert (policy.mean_gain, policy.mean_quality) == (pytest.approx(0.8), None)


def test_auto_gives_small_models_to_glpk_and_large_ones_to_highs():
    from taskspace.policy.model.formulation import build
    from taskspace.policy.model.instance import Instance

    model = build(Instance(complete({("a", "b"): 0.5})))
    expected = "glpk" if Glpk().missing() is None else "highs"
    assert Auto().choice(model).name == expected
    assert Auto(glpk_variables=2).choice(model).name == "highs"


def test_no_time_yields_no_claim():
    problem = complete({("a", "b"): 0.5, ("b", "a"): 0.5})
    (policy,) = solve_policies(problem, [1], Highs(), Limits(seconds=0.0), reduce=False)
    assert (policy.status, policy.objective, policy.bound) == ("feasible", 1.5, None)
    dear = PolicyProblem.of([*problem.transfers, Transfer("c", ("a",), 0.5, cost=0.5)])
    (policy,) = solve_policies(dear, [1.5], Highs(), Limits(seconds=0.0))
    assert (policy.status, policy.objective, policy.transfers) == ("unknown", None, {})
