"""The null: maximal affordable sets are drawn uniformly, and p-values count what they say."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import complete
from scipy.stats import chisquare

from taskspace.errors import InputError
from taskspace.policy import (
    PolicyProblem,
    Transfer,
    compare_with_random,
    solve_policies,
)
from taskspace.policy.analysis.maximal import MaximalSets
from taskspace_plugins.solvers.highs import Highs


def maximal(costs, capacity):
    """Return all maximal affordable sets as bits, by trying everything."""
    found = set()
    for mask in range(1 << len(costs)):
        inside = [k for k in range(len(costs)) if mask >> k & 1]
        left = capacity - sum(costs[k] for k in inside)
        outside = [costs[k] for k in range(len(costs)) if not mask >> k & 1]
        if left >= 0 and all(cost > left for cost in outside):
            found.add(mask)
    return found


@settings(max_examples=150, deadline=None, derandomize=True)
@given(costs=st.lists(st.integers(0, 6), min_size=1, max_size=7), capacity=st.integers(0, 20))
def test_the_maximal_affordable_sets_are_counted_and_no_other_is_drawn(costs, capacity):
    sets = MaximalSets(costs, capacity)
    expected = maximal(costs, capacity)
    assert sets.count == len(expected)

    class Ticket(random.Random):
        def __init__(self, ticket):
            super().__init__()
            self.ticket = ticket

        def randrange(self, stop):
            assert stop == len(expected)
            return self.ticket

    drawn = {sets.draw(Ticket(ticket)) for ticket in range(sets.count)}
    assert drawn == expected  # one set a ticket: uniform, exactly


@pytest.mark.parametrize(
    ("costs", "capacity", "sets"),
    [([1] * 6, 3, 20), ([1, 2, 2, 3, 5, 7], 8, None), ([0, 0, 4, 4, 4], 8, 3)],
)
def test_draws_are_uniform(costs, capacity, sets):
    expected = maximal(costs, capacity)
    assert sets is None or len(expected) == sets
    rng = random.Random(20180618)
    drawer = MaximalSets(costs, capacity)
    counts = Counter(drawer.draw(rng) for _ in range(20_000))
    assert set(counts) == expected
    assert chisquare([counts[mask] for mask in sorted(expected)]).pvalue > 1e-3


def test_costs_that_cannot_be_counted_are_refused():
    with pytest.raises(InputError, match="too many different sums"):
        MaximalSets([2**k for k in range(40)], 2**40)


def measured(names="abcd", quality=True):
    """Return a problem in which the gain and quality of a transfer are its value."""
    problem = complete(
        {pair: 0.05 * k for k, pair in enumerate(itertools.permutations(names, 2), 1)}, own=0.99
    )
    return PolicyProblem(
        tuple(
            Transfer(t.target, t.sources, t.value, t.value, t.value if quality else None)
            for t in problem.transfers
        )
    )


def test_p_values_are_those_of_the_full_distribution():
    problem = measured()
    (policy,) = solve_policies(problem, [2], Highs())
    null = compare_with_random(problem, 2, policy.transfers, count=4000, seed=1)
    own, other = {}, {}
    for transfer in problem.transfers:
        (own if transfer.is_supervised else other)[transfer.target, transfer.sources[0]] = transfer
    best, drawn = [], []
    for chosen in itertools.combinations("abcd", 2):
        rest = [t for t in "abcd" if t not in chosen]
        options = [[other[t, s].value for s in chosen] for t in rest]
        for served in itertools.product(*options):
            drawn.append((2 * 0.99 + sum(served)) / 4)
        best.append((2 * 0.99 + sum(map(max, options))) / 4)
    observed = policy.objective / 4
    assert null.source_sets == 6 and null.refused == 0
    for comparison in null.comparisons:
        population = best if comparison.serving == "best" else drawn
        expected = sum(value >= observed - 1e-12 for value in population) / len(population)
        assert comparison.observed == pytest.approx(observed)
        assert comparison.mean == pytest.approx(sum(population) / len(population), abs=5e-3)
        assert comparison.p == pytest.approx(expected, abs=0.03)
        assert comparison.p >= 1 / 4001
        assert comparison.serving == "random" or comparison.p == expected
        assert comparison.wins == pytest.approx(1 - expected, abs=0.03)
        assert comparison.low <= comparison.mean <= comparison.high


def test_equal_seeds_give_equal_nulls_and_budgets_do_not_share_draws():
    problem = measured()
    policies = solve_policies(problem, [1, 2], Highs())
    nulls = [
        compare_with_random(problem, p.budget, p.transfers, count=50, seed=7)
        for p in (*policies, policies[1])
    ]
    assert nulls[1] == nulls[2] != nulls[0]


def test_a_statistic_that_was_not_measured_is_null():
    problem = measured(quality=False)
    (policy,) = solve_policies(problem, [2], Highs())
    null = compare_with_random(problem, 2, policy.transfers, count=20, seed=0)
    known = {c.statistic: c.p for c in null.comparisons}
    assert known["quality"] is None and known["gain"] is not None


def test_sets_that_leave_a_target_unserved_are_drawn_again():
    problem = PolicyProblem(
        tuple(
            Transfer(*t, 0.5, 0.5)
            for t in [
                ("a", ("a",), 1.0),
                ("b", ("b",), 1.0),
                ("c", ("c",), 1.0),
                ("b", ("a",), 0.5),
                ("c", ("a",), 0.5),
            ]
        )
    )
    (policy,) = solve_policies(problem, [1], Highs())
    null = compare_with_random(problem, 1, policy.transfers, count=100, seed=0)
    assert null.source_sets == 3
    assert null.refused > 100
    assert all(comparison.p == 1.0 for comparison in null.comparisons)


def test_a_policy_that_costs_more_than_the_budget_is_refused():
    problem = measured()
    (policy,) = solve_policies(problem, [1], Highs())
    with pytest.raises(InputError, match="The policy itself costs 1"):
        compare_with_random(problem, 0, policy.transfers, count=1, seed=0)


def test_sets_that_almost_never_serve_every_target_are_said():
    sources = [f"s{k:03}" for k in range(200)]
    reads = ("s000", "s001", "s002")
    problem = PolicyProblem.of(
        [Transfer("a", reads, 1.0, 0.5, 0.5), *(Transfer("b", (s,), 0.5, 0.5) for s in sources)],
        source_only=sources,
        target_only=["a", "b"],
    )
    with pytest.raises(InputError, match="none serves every target"):
        compare_with_random(problem, 3, {"a": reads, "b": ("s000",)}, count=1, seed=0)


def cheap(names="abcd"):
    """Return a problem in which one label serves all targets and no further label adds anything."""
    served = [("a", ("a",), 1.0), *((t, ("a",), 1.0) for t in names[1:])]
    others = [(t, (s,), 0.4) for s in names[1:] for t in names if t != s]
    own = [(t, (t,), 0.5) for t in names[1:]]
    return PolicyProblem(
        tuple(Transfer(t, s, value, value, value) for t, s, value in (*served, *others, *own))
    )


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_a_policy_that_costs_less_than_the_budget_is_ranked_among_sets_of_its_own_cost(budget):
    problem = cheap()
    (policy,) = solve_policies(problem, [budget], Highs())
    assert policy.cost == 1
    null = compare_with_random(problem, budget, policy.transfers, count=500, seed=3)
    assert (null.source_sets, null.cost, null.exact) == (4, 1, True)
    best = {c.statistic: c for c in null.comparisons if c.serving == "best"}
    assert best["gain"].p == 1 / 4  # the best of four, which is no evidence


def test_labels_that_are_free_do_not_make_a_set_another_one():
    """The policy may leave free labels aside; its own set, which has them, is not its rival."""
    problem = measured("abcde")
    problem = replace(problem, label_cost={"e": 0.0})
    policy = {"a": ("a",), **dict.fromkeys("bcde", ("a",))}
    null = compare_with_random(problem, 2, policy, count=50, seed=0)
    assert (null.source_sets, null.cost) == (4, 1)
    (gain,) = (c for c in null.comparisons if (c.serving, c.statistic) == ("best", "gain"))
    assert gain.p in {1 / 4, 2 / 4, 3 / 4, 1.0}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    gains=st.lists(st.floats(0, 1), min_size=12, max_size=12),
    costs=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    budget=st.integers(0, 7),
    count=st.integers(1, 40),
)
def test_no_p_is_below_one_in_the_number_of_sets(gains, costs, budget, count):
    problem = complete(dict(zip(itertools.permutations("abcd", 2), gains, strict=True)), own=0.6)
    problem = replace(
        problem,
        transfers=tuple(replace(t, gain=t.value, quality=t.value) for t in problem.transfers),
        label_cost=dict(zip("abcd", map(float, costs), strict=True)),
    )
    (policy,) = solve_policies(problem, [budget], Highs())
    if not policy.transfers:
        return
    null = compare_with_random(problem, budget, policy.transfers, count=count, seed=1)
    assert null.cost == policy.cost
    for comparison in null.comparisons:
        if comparison.serving == "best":
            assert comparison.p >= 1 / (null.source_sets + 1)


@pytest.mark.parametrize(
    "policy", [{"a": ("a",)}, {"a": ("z",), "b": ("b",), "c": ("c",), "d": ("d",)}]
)
def test_a_policy_of_another_problem_is_refused(policy):
    with pytest.raises(InputError, match="not about the same transfers"):
        compare_with_random(measured(), 2, policy, count=1, seed=0)
