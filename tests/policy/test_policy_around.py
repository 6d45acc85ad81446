"""Alternatives, sensitivity and the frontier, against trying everything."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import budgets, complete, decimal, problems

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import SolutionRejected
from taskspace.policy import (
    Forced,
    PolicyProblem,
    Transfer,
    around_optima,
    marginal_values,
    solve_policies,
)
from taskspace.policy.analysis.alternatives import alternatives_to
from taskspace.policy.model.formulation import build, set_budget
from taskspace.policy.model.instance import Instance
from taskspace.policy.search import Search
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs


def best_served(problem, chosen, budget):
    """Return (-objective, cost) of the best policy of one set, or None; from the definition."""
    spent = sum((decimal(problem.label_cost.get(s, 1.0)) for s in chosen), Fraction(0))
    worth = {spent: Fraction(0)}  # cost to objective, target after target
    for target in problem.targets:
        options = [t for t in problem.transfers if t.target == target and set(t.sources) <= chosen]
        if problem.rule == "own" and target in chosen:
            options = [t for t in options if t.is_supervised]
        grown = {}
        importance = decimal(problem.importance.get(target, 1.0))
        for (cost, objective), option in itertools.product(worth.items(), options):
            total = cost + decimal(option.cost)
            value = objective + importance * decimal(option.value)
            grown[total] = max(value, grown.get(total, value))
        worth = {cost: value for cost, value in grown.items() if cost <= decimal(budget)}
    return min(((-value, cost) for cost, value in worth.items()), default=None)


def standings(problem, budget):
    """Return every set that has a policy, with its (-objective, cost, number, names)."""
    found = {}
    for size in range(len(problem.sources) + 1):
        for names in itertools.combinations(problem.sources, size):
            chosen = frozenset(names)
            allowed = problem.required <= chosen and not problem.forbidden & chosen
            best = best_served(problem, chosen, budget) if allowed else None
            if best is not None:
                found[chosen] = (*best, size, names)
    return found


def lost(ranks, chosen):
    most, objective = -min(ranks.values())[0], -ranks[chosen][0]
    if objective == most:
        return 0.0
    return float((most - objective) / abs(most)) if most else None


def agrees_with_enumeration(problem, budget, solver):
    policies = solve_policies(problem, [budget], solver, most_ties=64, reduce=False)
    (around,) = around_optima(problem, policies, solver, alternatives=3, sensitivity=True)
    ranks = standings(problem, budget)
    if not ranks:
        assert around.alternatives is None and around.sensitivity is None
        return
    optimum = min(ranks, key=ranks.__getitem__)
    others = [
        chosen
        for chosen, rank in ranks.items()
        if chosen != optimum
        and not any(part < chosen and ranks[part][0] <= rank[0] for part in ranks)
    ]
    expected = sorted(others, key=ranks.__getitem__)[:3]
    assert around.alternatives.message == ""
    assert [set(one.supervised) for one in around.alternatives.found] == expected
    for one, chosen in zip(around.alternatives.found, expected, strict=True):
        assert one.objective == float(-ranks[chosen][0])
        assert one.lost == lost(ranks, chosen)

    assert [task.task for task in around.sensitivity.tasks] == list(problem.sources)
    for task in around.sensitivity.tasks:
        assert task.supervised is (task.task in optimum)
        for forced, inside in ((task.forced_in, True), (task.left_out, False)):
            possible = [chosen for chosen in ranks if (task.task in chosen) is inside]
            if not possible:
                assert forced == Forced("infeasible")
                continue
            best = min(possible, key=ranks.__getitem__)
            assert forced.status == "optimal"
            assert forced.objective == float(-ranks[best][0])
            assert forced.lost == lost(ranks, best)
        assert (task.left_out if task.supervised else task.forced_in) is task.other


@settings(max_examples=12, deadline=None, derandomize=True)
@given(problem=problems(), budget=budgets)
def test_what_stands_around_an_optimum_is_what_trying_everything_finds(problem, budget):
    agrees_with_enumeration(problem, budget, Highs())


@pytest.mark.parametrize("seed", range(12))
def test_it_is_so_too_where_transfers_cost_and_tasks_are_required_or_forbidden(seed):
    """Between the cheapest set and the dearest policy, so that transfers compete for the budget."""
    rng = random.Random(seed)
    transfers = [Transfer(name, (name,), 1.0) for name in "abcd"] + [
        Transfer(target, sources, rng.randrange(1, 9) / 10, cost=rng.choice([0.0, 0.2, 0.5]))
        for target in "abcd"
        for order in (1, 2)
        for sources in itertools.combinations("abcs", order)
        if target not in sources
    ]
    problem = PolicyProblem.of(
        transfers,
        source_only="s",
        label_cost={"s": rng.choice([0.0, 0.5])},
        rule=rng.choice(["own", "best"]),
        required=rng.choice(["", "", "a", "s"]),
        forbidden=rng.choice(["", "b", "d"]),
    )
    agrees_with_enumeration(problem, rng.choice([1.3, 1.9, 2.6]), Highs())


def test_a_forbidden_task_cannot_be_forced_in_though_it_would_change_nothing():
    problem = complete({("a", "b"): 0.9, ("b", "a"): 0.1}, source_only="s", forbidden="s")
    (policy,) = solve_policies(problem, [3], Highs())
    assert policy.supervised == ("a", "b")
    (around,) = around_optima(problem, [policy], Highs(), sensitivity=True)
    assert {t.task: t.other.status for t in around.sensitivity.tasks}["s"] == "infeasible"


def largest_of_the_best(problem, solved):
    """Return an exact solver that names the largest of equally good sets, by trying everything."""
    instance = Instance(problem)

    class Largest(Solver):
        name: ClassVar[str] = "largest"

        def solve(self, model, limits):
            solved.append(model)
            best = None
            for mask in range(1 << len(instance.sources)):
                for k, y in model.y.items():
                    y.set_value(mask >> k & 1)
                weight = instance.weight(mask)
                rows = [model.within_budget, *model.decided.values(), *model.cuts.values()]
                if weight is not None and all(row.slack() >= 0 for row in rows):
                    best = max(best or (weight, 0, mask), (weight, mask.bit_count(), mask))
            if best is None:
                return Solution("infeasible")
            objective = instance.value(best[0]) / model.value_unit
            values = {f"y[{k}]": 1.0 for k in model.y if best[2] >> k & 1}
            return Solution("optimal", objective, objective, values)

        def missing(self):
            return None

    return Largest()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(problem=problems(), budget=budgets)
def test_a_solver_that_names_idle_tasks_changes_nothing(problem, budget):
    agrees_with_enumeration(problem, budget, largest_of_the_best(problem, []))


def test_tasks_that_are_idle_only_together_make_no_alternative():
    """Under rule own {a} is as good as {a, b, c}, but better than {a, b} and {a, c}."""
    transfers = [
        *(Transfer(name, (name,), value) for name, value in (("a", 1.0), ("b", 0.3), ("c", 0.3))),
        *(Transfer(name, ("a",), value) for name, value in (("b", 0.5), ("c", 0.5), ("d", 0.1))),
        *(Transfer(name, ("s",), 0.9) for name in "abcd"),
        Transfer("d", ("b", "c"), 0.5),
    ]
    problem = PolicyProblem.of(transfers, label_cost={"s": 3.0})
    assert (problem.source_only, problem.target_only) == ({"s"}, {"d"})
    solver = largest_of_the_best(problem, [])
    agrees_with_enumeration(problem, 3.0, solver)
    policies = solve_policies(problem, [3.0], solver, reduce=False)
    (around,) = around_optima(problem, policies, solver, alternatives=9)
    assert [one.supervised for one in around.alternatives.found] == [("a",)]


def test_a_list_of_two_takes_three_solves_however_many_idle_tasks_there_are():
    values = {("a", "b"): 0.9, ("b", "a"): 0.6, ("c", "a"): 0.2, ("a", "c"): 0.5, ("b", "c"): 0.3}
    idle = [f"s{k}" for k in range(4)]
    problem = complete(
        values | {("c", "b"): 0.1}, source_only=idle, label_cost=dict.fromkeys(idle, 0.0)
    )
    solved = []
    (policy,) = solve_policies(problem, [1], Highs())
    (around,) = around_optima(
        problem, [policy], largest_of_the_best(problem, solved), alternatives=2
    )
    assert [one.supervised for one in around.alternatives.found] == [("b",), ("c",)]
    assert len(solved) == 3


@pytest.mark.skipif(Glpk().missing() is not None, reason="GLPK is not installed")
def test_solvers_agree_on_what_stands_around():
    rng = random.Random(3)
    values = {pair: rng.randrange(1, 9) / 10 for pair in itertools.permutations("abcdef", 2)}
    problem = complete(values)
    policies = solve_policies(problem, [2], Highs())
    highs, glpk = (
        around_optima(problem, policies, solver, alternatives=4, sensitivity=True)
        for solver in (Highs(), Glpk())
    )
    assert highs == glpk
    assert len(highs[0].alternatives.found) == 4


ALIKE = complete(dict.fromkeys(itertools.permutations("abcdef", 2), 0.5))


def test_equally_good_alternatives_come_in_the_order_of_their_names():
    """All fifteen pairs are as good as (a, b): all have to be seen to know which come next."""
    policies = solve_policies(ALIKE, [2], Highs(), most_ties=20)
    (around,) = around_optima(ALIKE, policies, Highs(), alternatives=2)
    assert [one.supervised for one in around.alternatives.found] == [("a", "c"), ("a", "d")]
    assert {one.lost for one in around.alternatives.found} == {0.0}


def test_a_list_among_too_many_equals_says_that_it_was_cut_short():
    instance = Instance(ALIKE)
    model = build(instance)
    set_budget(model, instance, 2)
    search = Search(instance, model, instance.capacity(2), Highs(), Limits())
    cut = alternatives_to(search, instance.mask("ab"), 2, most_seen=3)
    assert len(cut.found) == 2
    assert cut.message.startswith("More than 3 further sets are as good")


class Forgetful(Solver):
    """Solves the model once, and says the same again whatever it is asked."""

    name: ClassVar[str] = "forgetful"
    said: ClassVar[list[Solution]] = []

    def solve(self, model, limits):
        if not self.said:
            self.said.append(Highs().solve(model, limits))
        return self.said[0]

    def missing(self):
        return None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"alternatives": 1}, "returned a, which holds the forbidden set a"),
        ({"sensitivity": True}, "was asked to leave out 'a' and did not"),
    ],
)
def test_a_solver_that_forgets_what_was_forbidden_is_caught(monkeypatch, asked, message):
    monkeypatch.setattr(Forgetful, "said", [])
    problem = complete({("a", "b"): 0.9, ("b", "a"): 0.1, ("a", "c"): 0.8, ("b", "c"): 0.1})
    policies = solve_policies(problem, [1], Forgetful(), most_ties=0, reduce=False)
    assert policies[0].supervised == ("a",)
    with pytest.raises(SolutionRejected, match=message):
        around_optima(problem, policies, Forgetful(), **asked)


def test_something_better_than_the_optimum_is_no_alternative():
    """A claimed optimum that is none: what is found next is worth more."""
    problem = complete({("a", "b"): 0.9, ("b", "a"): 0.1})
    (policy,) = solve_policies(problem, [1], Highs())
    wrong = replace(policy, supervised=("b",))
    for asked in ({"alternatives": 1}, {"sensitivity": True}):
        with pytest.raises(SolutionRejected, match=r"called 1\.1 optimal, then found 1\.9"):
            around_optima(problem, [wrong], Highs(), **asked)


class Tired(Highs):
    """Finds something and proves nothing from a certain call on."""

    name: ClassVar[str] = "tired"
    left: ClassVar[list[int]] = []

    def solve(self, model, limits):
        solution = Highs.solve(self, model, limits)
        if not self.left:
            return replace(solution, bound=None)
        self.left.pop()
        return solution


def test_what_was_not_proven_says_so(monkeypatch):
    rng = random.Random(1)
    values = {pair: rng.random() / 2 for pair in itertools.permutations("abcde", 2)}
    problem = complete(values)
    policies = solve_policies(problem, [2], Highs())
    (exact,) = around_optima(problem, policies, Highs(), alternatives=3, sensitivity=True)
    monkeypatch.setattr(Tired, "left", [0] * 7)  # five tasks, then two alternatives
    (around,) = around_optima(problem, policies, Tired(), alternatives=3, sensitivity=True)
    assert around.sensitivity == exact.sensitivity
    assert around.alternatives.found == exact.alternatives.found[:2]
    assert "time limit" in around.alternatives.message
    (around,) = around_optima(problem, policies, Tired(), sensitivity=True)
    assert around.sensitivity.message.startswith("The time limit was hit: for 5 of 5 tasks")
    for task, proven in zip(around.sensitivity.tasks, exact.sensitivity.tasks, strict=True):
        assert task.other.status == "feasible"
        assert task.other.lost >= proven.other.lost


def test_no_time_at_all_leaves_everything_unknown():
    policies = solve_policies(ALIKE, [1], Highs())
    (around,) = around_optima(
        ALIKE, policies, Highs(), Limits(seconds=1e-9), alternatives=2, sensitivity=True
    )
    assert around.alternatives.found == ()
    assert "time limit" in around.alternatives.message
    assert {task.other.status for task in around.sensitivity.tasks} == {"unknown"}
    assert "5 of 5" not in around.sensitivity.message
    assert "6 of 6" in around.sensitivity.message


def test_a_policy_that_is_not_proven_has_nothing_around_it():
    (policy,) = solve_policies(ALIKE, [2], Highs())
    (around,) = around_optima(
        ALIKE, [replace(policy, status="feasible")], Highs(), alternatives=1, sensitivity=True
    )
    assert around.alternatives.found == () and around.sensitivity.tasks == ()
    assert around.alternatives.message == around.sensitivity.message
    assert "not proven optimal" in around.alternatives.message


@settings(max_examples=6, deadline=None, derandomize=True)
@given(problem=problems(), order=st.permutations([0.0, 0.5, 1.0, 2.5, 4.0]))
def test_further_labels_never_cost_objective_and_add_up(problem, order):
    policies = [policy.as_json() for policy in solve_policies(problem, order, Highs())]
    steps = sorted(zip(policies, marginal_values(policies), strict=True), key=_budget)
    found = [(policy, step) for policy, step in steps if policy["objective"] is not None]
    assert all(step is None for policy, step in steps if policy["objective"] is None)
    total = 0.0
    for (before, _), (policy, step) in itertools.pairwise(found):
        assert policy["status"] == "optimal"
        assert step["from"] == before["budget"]
        assert step["per_label"]["objective"] >= 0
        total += step["per_label"]["objective"] * (policy["budget"] - before["budget"])
    if found:
        assert found[0][1] is None
        assert total == pytest.approx(found[-1][0]["objective"] - found[0][0]["objective"])


def _budget(pair):
    return pair[0]["budget"]


def test_a_marginal_value_needs_both_of_its_means():
    known = {"objective": 1.0, "mean_gain": 0.5, "mean_quality": 0.4}
    first, none, last = marginal_values(
        [
            {"budget": 4.0, "objective": 2.0, "mean_gain": 0.7, "mean_quality": None},
            {"budget": 1.0, "objective": None, "mean_gain": None, "mean_quality": None},
            {"budget": 2.0, **known},
        ]
    )
    assert first == {
        "from": 2.0,
        "per_label": {"objective": 0.5, "mean_gain": pytest.approx(0.1), "mean_quality": None},
    }
    assert none is None and last is None
