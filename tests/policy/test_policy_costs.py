"""Transfers that cost something: served exactly, decoded exactly, compared with random ones."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from taskspace.components import Limits, Solution, Solver
from taskspace.errors import InputError, SolutionRejected, TableError
from taskspace.policy import (
    PolicyProblem,
    Transfer,
    compare_with_random,
    solve_policies,
    solve_policy,
)
from taskspace.policy.analysis.random_sets import RandomSets
from taskspace.policy.model.formulation import build
from taskspace.policy.model.instance import Instance
from taskspace.policy.model.serving import Option, serve
from taskspace.studies.taxonomy.table.affinities import AffinityTable, read_table
from taskspace_plugins.solvers.highs import Highs

OWN = [Transfer(name, (name,), 1.0) for name in "abc"]


def order(assignment):
    weight = sum(option.weight for option in assignment)
    cost = sum(option.cost for option in assignment)
    return (-weight, cost, [option.transfer.name_rank for option in assignment])


options = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 6)), max_size=5).map(
    lambda drawn: [
        Option(weight, 1 << k, Transfer("t", (f"s{k}",), 0.0), cost)
        for k, (weight, cost) in enumerate(drawn)
    ]
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(listed=st.lists(options, min_size=1, max_size=4), capacity=st.integers(-1, 14))
def test_targets_are_served_as_trying_every_assignment_says(listed, capacity):
    affordable = [
        assignment
        for assignment in itertools.product(*listed)
        if sum(option.cost for option in assignment) <= capacity
    ]
    expected = min(affordable, key=order, default=None)
    found = serve(listed, capacity)
    assert found == (None if expected is None else list(expected))


def test_many_targets_with_long_costs_are_served_at_once():
    """100 targets of 10 options: the sums of the costs alone would be more than can be listed."""
    rng = random.Random(5)
    listed = [
        [
            Option(cost // 10**6 + rng.randrange(10**6), 1, Transfer("t", (f"{k}",), 0.0), cost)
            for k, cost in enumerate(rng.randrange(10**12) for _ in range(10))
        ]
        for _ in range(100)
    ]
    capacity = 45 * 10**12
    found = serve(listed, capacity)
    assert found is not None and len(found) == 100
    assert sum(option.cost for option in found) <= capacity
    greedy = [max(each, key=lambda o: o.weight / (1 + o.cost)) for each in listed]
    assert sum(o.weight for o in found) >= sum(o.weight for o in greedy)


def test_a_transfer_that_is_too_dear_gives_way():
    transfers = [*OWN, Transfer("b", ("a",), 0.9, cost=0.6), Transfer("b", ("c",), 0.5)]
    transfers += [Transfer("c", ("a",), 0.8, cost=0.5), Transfer("a", ("c",), 0.1, cost=0.1)]
    found = {
        budget: solve_policies(PolicyProblem.of(transfers), [budget], Highs())[0]
        for budget in (1, 1.5, 2, 2.1)
    }
    assert found[1].message.startswith("'a', 'b', 'c'") is False
    assert found[1].status == "infeasible"
    assert "the smallest that works is 1.1." in found[1].message
    assert found[1.5].transfers == {"a": ("c",), "b": ("c",), "c": ("c",)}
    assert found[2].supervised == ("a", "c") and found[2].transfers["b"] == ("c",)
    assert found[2.1].transfers == {"a": ("a",), "b": ("a",), "c": ("a",)}


def test_the_cost_of_a_supervised_network_is_paid_with_its_labels():
    transfers = [Transfer("a", ("a",), 1.0, cost=0.5), Transfer("b", ("b",), 1.0)]
    for rule in ("own", "best"):
        below, enough = (
            solve_policy(transfers, budget, solver=Highs(), rule=rule) for budget in (2.4, 2.5)
        )
        assert below.status == "infeasible" and below.message.endswith("works is 2.5.")
        assert enough.supervised == ("a", "b")


def test_x_is_whole_where_a_fraction_of_it_could_be_better():
    free = Instance(PolicyProblem.of([*OWN, Transfer("b", ("a", "c"), 0.9)]))
    dear = Instance(PolicyProblem.of([*OWN, Transfer("b", ("a", "c"), 0.9, cost=0.1)]))
    whole = {
        (formulation, name): all(x.is_binary() for x in build(instance, formulation).x.values())
        for formulation in ("strong", "per_source", "paper")
        for name, instance in (("free", free), ("dear", dear))
    }
    assert [key for key, binary in whole.items() if not binary] == [
        ("strong", "free"),
        ("per_source", "free"),
    ]


class Lying(Solver):
    """Answers as HiGHS does, but for some of x."""

    name: ClassVar[str] = "lying"
    lie: str

    def missing(self) -> str | None:
        return None

    def solve(self, model, limits: Limits) -> Solution:
        honest = Highs().solve(model, limits)
        values = {name: value for name, value in honest.values.items() if name[0] == "y"}
        changed = {
            "nothing": {},
            "a half": {"x[0]": 0.5},
            "everything": dict.fromkeys((f"x[{i}]" for i in model.x), 1.0),
        }
        return replace(honest, values=values | changed[self.lie])


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        ("nothing", "serves 'b' 0 times"),
        ("a half", "c -> b by 0.5, which is neither 0 nor 1"),
        ("everything", "c -> b without supervising all of its sources"),
    ],
)
def test_a_solver_that_lies_about_transfers_is_caught(lie, message):
    transfers = [
        OWN[0],
        *(Transfer("b", (source,), value, cost=0.1) for source, value in (("a", 0.5), ("c", 0.6))),
        Transfer("c", ("a",), 0.9, cost=0.1),
        *OWN[1:],
    ]
    with pytest.raises(SolutionRejected, match=message):
        solve_policies(PolicyProblem.of(transfers), [1.2], Lying(lie=lie))


def null_problem(cost):
    """Return a, b, c of which two may be supervised, and n with a dear transfer from each."""
    transfers = [Transfer(n, (n,), 1.0, 0.9, 0.5) for n in "abc"]
    transfers += [
        Transfer(target, (source,), 0.1 * k, 0.1 * k, 0.5, cost)
        for k, (source, target) in enumerate(itertools.permutations("abc", 2), 1)
    ]
    return PolicyProblem.of(transfers)


def test_random_policies_are_within_the_budget_and_keep_back_what_transfers_cost():
    problem = null_problem(0.25)
    (policy,) = solve_policies(problem, [2.25], Highs())
    instance = Instance(problem)
    chosen = [t for t in problem.transfers if policy.transfers[t.target] == t.sources]
    sets = RandomSets(instance, 2.25, chosen)
    assert sets.count == 3
    rng = random.Random(3)
    for _ in range(50):
        served, _ = sets.draw(rng)
        for serving in (served.best, served.random(rng)):
            supervised = {o.transfer.target for o in serving if o.transfer.is_supervised}
            assert len(supervised) + sum(option.transfer.cost for option in serving) <= 2.25
    null = compare_with_random(problem, 2.25, policy.transfers, count=100, seed=0)
    best = {c.statistic: c for c in null.comparisons if c.serving == "best"}["gain"]
    assert null.exact and best.p == pytest.approx(1 / 3)  # of three sets the best


def test_random_transfers_are_uniform_among_the_assignments_that_are_affordable():
    listed = [
        [Option(0, 1, Transfer(target, (f"{cost}",), 0.0), cost) for cost in (0, 1, 2, 3)]
        for target in "abc"
    ]
    problem = null_problem(0.25)
    own = [transfer for transfer in problem.transfers if transfer.is_supervised]
    served, _ = RandomSets(Instance(problem), 4, own).draw(random.Random(0))
    limited = replace(served, options=listed, left=3)
    rng = random.Random(20180618)
    drawn = Counter(tuple(option.cost for option in limited.random(rng)) for _ in range(4000))
    expected = {c for c in itertools.product(range(4), repeat=3) if sum(c) <= 3}
    assert set(drawn) == expected
    assert chisquare(list(drawn.values())).pvalue > 1e-3


@pytest.mark.parametrize("cost", [-0.1, float("nan"), float("inf")])
def test_a_cost_that_is_none_is_refused(cost):
    with pytest.raises(InputError, match="The cost of the transfer b -> a is"):
        PolicyProblem.of([*OWN, Transfer("a", ("b",), 0.5, cost=cost)])
    with pytest.raises(InputError, match="The cost of the transfer b -> a is 'much'"):
        Transfer.from_json({"target": "a", "sources": ["b"], "value": 1, "cost": "much"})


def test_costs_survive_json_and_are_read_from_tables(tmp_path):
    problem = replace(null_problem(0.25), required=frozenset("a"), forbidden=frozenset("b"))
    assert PolicyProblem.from_json(problem.as_json()) == problem
    file = tmp_path / "table.csv"
    file.write_text("target,sources,affinity_ahp,label_cost\na,self,1,\nb,self,1,\nb,a,0.5,0.25\n")
    costs = {t.sources: t.cost for t in read_table(AffinityTable(table=file)).transfers}
    assert costs == {("a",): 0.25, ("b",): 0.0}
    file.write_text("target,sources,affinity_ahp,label_cost\na,self,1,\nb,a,0.5,-0.25\n")
    with pytest.raises(TableError, match=r"table.csv:3: The cost of a -> b is -0.25"):
        read_table(AffinityTable(table=file))
