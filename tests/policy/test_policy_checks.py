"""What a problem refuses, and what a solver is not believed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import ClassVar

import pytest
from policy_cases import complete

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import InputError, SolutionRejected
from taskspace.policy import (
    PolicyProblem,
    Transfer,
    coefficient_value,
    solve_policies,
    solve_policy,
)
from taskspace_plugins.solvers.highs import Highs

OWN = [Transfer("a", ("a",), 1.0), Transfer("b", ("b",), 1.0)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transfers": ()}, "no target to serve"),
        ({"transfers": (*OWN, Transfer("a", ("b",), float("nan")))}, r"b -> a is nan"),
        ({"transfers": (*OWN, Transfer("a", ("b",), float("inf")))}, r"b -> a is inf"),
        ({"transfers": (*OWN, Transfer("a", ("b",), 0.5, gain=30.0))}, "gain of the transfer"),
        ({"transfers": (*OWN, Transfer("a", ("b",), 1), Transfer("a", ("b",), 2))}, "there twice"),
        ({"transfers": (*OWN, Transfer("a", ("b", "b"), 1.0))}, "names a source twice"),
        ({"transfers": (*OWN, Transfer("a", (), 1.0))}, "has no source"),
        ({"transfers": (*OWN, Transfer("a", ("x", "b"), 1.0))}, "cannot be supervised: 'x'"),
        ({"transfers": (Transfer("a", ("b",), 1.0), OWN[1])}, "supervised network.* into 'a'"),
        ({"label_cost": {"a": -1.0}}, "label cost of 'a' is -1.0"),
        ({"label_cost": {"a": float("nan")}}, "label cost of 'a' is nan"),
        ({"label_cost": {"z": 1.0}}, "label cost of 'z'"),
        ({"importance": {"a": float("inf")}}, "importance of 'a' is inf"),
        ({"importance": {"z": 1.0}}, "importance of 'z'"),
        ({"source_only": frozenset("a")}, "source-only and have transfers into them: 'a'"),
        ({"target_only": frozenset("z")}, "target-only and have no transfer into them: 'z'"),
        ({"target_only": frozenset("a")}, "cannot be supervised: 'a'"),
        ({"rule": "any"}, "The rule is 'any'"),
    ],
)
def test_a_problem_that_has_no_right_answer_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        PolicyProblem(**{"transfers": tuple(OWN)} | change)


@pytest.mark.parametrize("budget", [-1, float("nan"), float("inf"), True])
def test_a_budget_is_a_finite_amount(budget):
    with pytest.raises(InputError, match="A budget is"):
        solve_policies(PolicyProblem(tuple(OWN)), [budget], Highs())


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"target": "a", "sources": ["b"]}, "has no 'value'"),
        ({"target": "a", "sources": ["b"], "value": 1, "order": 1}, "has a key 'order'"),
        ({"target": "a", "sources": "b", "value": 1}, "are the text 'b'"),
        ({"target": "a", "sources": ["b"], "value": "much"}, "'much', which is no number"),
        ({"target": "a", "sources": ["b"], "value": None}, "None, which is no number"),
    ],
)
def test_a_record_that_is_no_transfer_is_refused(record, message):
    with pytest.raises(InputError, match=message):
        Transfer.from_json(record)


def test_records_are_enough_for_a_policy():
    records = [
        {"target": "depth", "sources": ["depth"], "value": 1.0},
        {"target": "normals", "sources": ["normals"], "value": 1.0},
        {"target": "normals", "sources": ["depth"], "value": 0.9},
        {"target": "depth", "sources": ["normals"], "value": 0.6, "gain": float("nan")},
    ]
    policy = solve_policy(records, budget=1, solver=Highs())
    assert policy.status == "optimal"
    assert policy.supervised == ("depth",)
    assert policy.transfers == {"depth": ("depth",), "normals": ("depth",)}
    assert policy.objective == policy.bound == 1.9


def test_a_problem_survives_json():
    problem = complete({("a", "b"): 0.5, ("b", "a"): 0.25}, label_cost={"a": 2.0}, rule="best")
    assert PolicyProblem.from_json(problem.as_json()) == problem


def test_roles_follow_from_the_transfers():
    problem = PolicyProblem.of([*OWN, Transfer("n", ("a", "s"), 0.5)])
    assert problem.source_only == {"s"}
    assert problem.target_only == {"n"}
    assert problem.sources == ("a", "b", "s")
    assert problem.targets == ("a", "b", "n")


def test_roots_of_affinities_are_clipped_as_the_public_solver_does():
    assert coefficient_value("sqrt_affinity", 0.25) == 0.5
    assert coefficient_value("sqrt_affinity", 0.0) == 1e-5**0.5
    assert coefficient_value("sqrt_affinity", 2.0) == 1.0
    assert coefficient_value("affinity", 0.25) == coefficient_value("gain", 0.25) == 0.25
    with pytest.raises(InputError, match=r"affinity is -0\.1"):
        coefficient_value("sqrt_affinity", -0.1)


class Lying(Solver):
    """Answers as HiGHS does, but for one thing."""

    name: ClassVar[str] = "lying"
    lie: str

    def missing(self) -> str | None:
        return None

    def solve(self, model, limits: Limits) -> Solution:
        honest = Highs().solve(model, limits)
        if model.cheapest.active:
            return honest
        names = [f"y[{k}]" for k in model.y]
        claims = {
            "buys everything": {"values": dict.fromkeys(names, 1.0)},
            "buys nothing": {"values": {}},
            "buys a half": {"values": {names[0]: 0.5}},
            "buys nan": {"values": {names[0]: float("nan")}},
            "invents a task": {"values": {**honest.values, "y[99]": 1.0}},
            "invents a variable": {"values": {**honest.values, "z": 1.0}},
            "says more than it has": {"objective": (honest.objective or 0) + 0.01},
            "says nan": {"objective": float("nan")},
            "says a bound below": {"bound": (honest.objective or 0) - 0.01},
            "denies": {"status": "infeasible", "objective": None, "bound": None, "values": {}},
            "denies and gives": {"status": "infeasible"},
        }
        return replace(honest, **claims[self.lie])


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ("buys everything", "with a budget of 2"),
        ("buys nothing", "without a transfer"),
        ("buys a half", "neither 0 nor 1"),
        ("buys nan", "neither 0 nor 1"),
        ("invents a task", "'y\\[99\\]', which the model does not have"),
        ("invents a variable", "'z', which the model does not have"),
        ("says more than it has", "claims the objective"),
        ("says nan", "claims the objective nan"),
        ("says a bound below", "claims the bound"),
        ("denies", "says that no policy fits the budget; one does"),
        ("denies and gives", "'infeasible' and gives a solution"),
    ],
)
def test_a_solver_that_lies_is_caught(lie, message):
    values = {pair: 0.5 + 0.01 * k for k, pair in enumerate(itertools.permutations("abcd", 2))}
    with pytest.raises(SolutionRejected, match=message):
        solve_policies(complete(values), [2], Lying(lie=lie), reduce=False)
    tied = complete(dict.fromkeys(values, 0.5))
    with pytest.raises(SolutionRejected):  # which our own bounds leave open
        solve_policies(tied, [2], Lying(lie=lie))


class Lazy(Solver):
    """Calls the first set that fits optimal."""

    name: ClassVar[str] = "lazy"
    from_budget: float

    def missing(self) -> str | None:
        return None

    def solve(self, model, limits: Limits) -> Solution:
        honest = Highs().solve(model, limits)
        if model.budget.value < self.from_budget or len(model.cuts):
            return honest
        model.objective.deactivate()
        from pyomo.environ import Objective, maximize

        model.reversed = Objective(expr=-model.objective.expr, sense=maximize)
        found = Highs().solve(model, limits)
        model.del_component(model.reversed)
        model.objective.activate()
        assert found.objective is not None
        value = -found.objective
        return replace(found, objective=value, bound=value)


@pytest.mark.parametrize("from_budget", [0.0, 2.0])
def test_an_optimum_that_is_none_is_caught_by_the_next_question(from_budget):
    values = {pair: 0.5 + 0.01 * k for k, pair in enumerate(itertools.permutations("abcd", 2))}
    with pytest.raises(SolutionRejected):
        solve_policies(
            complete(values, own=0.9), [1, 2], Lazy(from_budget=from_budget), reduce=False
        )


class Boundless(Highs):
    """Proves nothing."""

    name: ClassVar[str] = "boundless"

    def solve(self, model, limits: Limits) -> Solution:
        return replace(super().solve(model, limits), bound=None)


def test_optimal_is_what_a_bound_shows_and_not_what_is_said():
    problem = complete({("a", "b"): 0.5, ("b", "a"): 0.1})
    (policy,) = solve_policies(problem, [1], Boundless(), reduce=False)
    assert policy.status == "feasible"
    assert policy.objective == 1.5 and policy.bound is None and policy.gap is None
    (policy,) = solve_policies(problem, [1], Boundless())  # our own bound shows it
    assert policy.status == "optimal" and policy.bound == 1.5


class Exhausted(Highs):
    """Finds nothing from some budget on."""

    name: ClassVar[str] = "exhausted"
    most: float = 2.0

    def solve(self, model, limits: Limits) -> Solution:
        if model.budget.value >= self.most:
            return Solution("unknown", bound=1000.0)
        return super().solve(model, limits)


def test_a_start_or_a_smaller_budgets_policy_stands_in_where_the_solver_finds_none():
    values = dict.fromkeys(itertools.permutations("abc", 2), 0.5)
    one, two = solve_policies(complete(values), [1, 2], Exhausted(), reduce=False)
    assert (one.status, two.status) == ("optimal", "feasible")
    assert (one.objective, two.objective) == (2.0, 2.5)
    assert two.bound > two.objective and "found nothing better" in two.message
    dear = [Transfer("c", ("a",), 0.5, cost=0.5), *OWN, Transfer("c", ("c",), 1.0)]
    problem = PolicyProblem.of([*dear, Transfer("b", ("a",), 0.5), Transfer("a", ("b",), 0.4)])
    one, two = solve_policies(
        problem, [1.5, 2], Exhausted(most=4.0)
    )  # no start where transfers cost
    assert (one.status, two.status) == ("optimal", "feasible")
    assert (two.supervised, two.objective) == (one.supervised, one.objective) == (("a",), 2.0)
    assert two.bound > two.objective and "found nothing better" in two.message


@pytest.mark.parametrize("budget", ["6", None, True, float("nan"), -1])
def test_a_budget_that_is_no_number_is_refused_with_what_it_is(budget):
    transfers = [{"target": "a", "sources": ["a"], "value": 1.0}]
    with pytest.raises(InputError, match=r"A budget is .*Give finite numbers"):
        solve_policy(transfers, budget=budget)


def test_a_transfer_that_is_no_record_is_refused_with_what_it_is():
    with pytest.raises(InputError, match=r"A transfer is \('b', \('a',\), 0.4\)\. A transfer is"):
        solve_policy([("b", ("a",), 0.4)], budget=1)
