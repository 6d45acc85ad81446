"""Tasks that must and must not be supervised: in problems, in jobs, in the null."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from typing import ClassVar

import pytest
from policy_cases import complete

from taskspace.errors import InputError, JobInvalid, SolutionRejected
from taskspace.jobs import load_job
from taskspace.policy import compare_with_random, solve_policies
from taskspace.policy.analysis.random_sets import RandomSets
from taskspace.policy.model.instance import Instance
from taskspace.registry import Registry
from taskspace.studies.taxonomy.job import Solve
from taskspace.studies.taxonomy.plan.policies import decided
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs

PAIRS = list(itertools.permutations("abcd", 2))
VALUES = {pair: 0.5 + 0.01 * k for k, pair in enumerate(PAIRS)}


@pytest.fixture(params=[Highs(), Glpk()], ids=lambda solver: solver.name)
def solver(request):
    if (reason := request.param.missing()) is not None:
        pytest.skip(reason)
    return request.param


def test_what_is_required_is_there_and_what_is_forbidden_is_not(solver):
    free, bound = (
        solve_policies(complete(VALUES, **options), [2], solver)[0]
        for options in ({}, {"required": ["b"], "forbidden": ["d"]})
    )
    assert free.supervised == ("a", "d")
    assert bound.status == "optimal" and bound.supervised == ("b", "c")
    assert bound.objective < free.objective


def test_a_required_task_is_bought_even_where_it_is_idle(solver):
    problem = complete({("a", "b"): 1.0, ("b", "a"): 0.1, ("a", "c"): 1.0}, required=["c"])
    (policy,) = solve_policies(problem, [3], solver)
    assert policy.supervised == ("a", "c")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"required": ["z"]}, r"are required and cannot be supervised: 'z'"),
        ({"required": ["alpha"]}, r"Did you mean 'alpha_2'\?"),
        ({"forbidden": ["z"]}, r"are forbidden and cannot be supervised: 'z'"),
        ({"required": ["a", "b"], "forbidden": ["b"]}, "required and forbidden at once: 'b'"),
        ({"forbidden": ["a", "alpha_2"]}, "nothing is left that can serve 'a', 'alpha_2'"),
    ],
)
def test_decisions_that_no_policy_can_follow_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        complete({("a", "alpha_2"): 0.5, ("alpha_2", "a"): 0.5, ("a", "b"): 0.5}, **options)


def test_an_infeasible_budget_names_what_is_required():
    problem = complete(
        dict.fromkeys(PAIRS, 0.5), label_cost={"a": 2.0, "b": 3.0}, required=["a", "b"]
    )
    (policy,) = solve_policies(problem, [4], Highs())
    assert policy.message == (
        "The required 'a', 'b' cannot be supervised under this budget; the smallest that works "
        "is 5."
    )


def test_an_infeasible_budget_names_who_is_not_served_beside_what_is_required():
    problem = complete(
        {("a", "b"): 0.4, ("b", "a"): 0.2, ("b", "c"): 0.3}, required=["a"], forbidden=["c"]
    )
    (policy,) = solve_policies(problem, [1], Highs())
    assert policy.message == (
        "'c' cannot be served beside the required 'a' under this budget; the smallest that works "
        "is 2."
    )


class Disobedient(Highs):
    """Decides the task d otherwise than it was told."""

    name: ClassVar[str] = "disobedient"

    def solve(self, model, limits):
        honest = super().solve(model, limits)
        there = "y[3]" in honest.values
        rest = {name: value for name, value in honest.values.items() if name != "y[3]"}
        return replace(honest, values=rest if there else {**rest, "y[3]": 1.0})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"required": ["d"]}, "does not supervise d, which is required"),
        ({"forbidden": ["d"]}, "supervises d, which is forbidden"),
    ],
)
def test_a_solver_that_decides_otherwise_is_caught(options, message):
    with pytest.raises(SolutionRejected, match=message):
        solve_policies(complete(VALUES, **options), [2], Disobedient(), reduce=False)


def test_random_policies_follow_the_same_decisions():
    problem = complete(VALUES, required=["a"], forbidden=["b"], label_cost={"a": 2.0})
    (policy,) = solve_policies(problem, [3], Highs())
    chosen = [t for t in problem.transfers if policy.transfers[t.target] == t.sources]
    sets = RandomSets(Instance(problem), 3, chosen)
    assert sets.count == 2
    rng = random.Random(0)
    drawn = Counter(
        tuple(sorted(o.transfer.target for o in sets.draw(rng)[0].best if o.transfer.is_supervised))
        for _ in range(200)
    )
    assert set(drawn) == {("a", "c"), ("a", "d")}
    assert min(drawn.values()) > 70


def test_a_null_below_what_is_required_is_refused():
    problem = complete(VALUES, required=["a", "b"])
    (policy,) = solve_policies(problem, [2], Highs())
    with pytest.raises(InputError, match="no random policy with a budget of 1"):
        compare_with_random(problem, 1, policy.transfers, count=1, seed=0)


JOB = """study: taxonomy
name: decided
dataset: digits
tasks:
  - identity
  - {{use: edges_2d, role: target}}
  - use: denoising
solve:
  budgets: [1]
  {decided}
"""


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "suggestion"),
    [
        ("required: [identify]", 10, 14, "is called 'identify'", "identity"),
        ("forbidden: [denoising, edges_2d]", 10, 26, "is called 'edges_2d'", None),
        ("forbidden: [identity, denoising]", 10, 14, "may be supervised is forbidden", None),
    ],
)
def test_a_job_says_at_its_place_what_cannot_be_decided(text, line, column, message, suggestion):
    with pytest.raises(JobInvalid) as caught:
        load_job(JOB.format(decided=text), catalogue=Registry.load(plugins=False))
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert problem.suggestion == suggestion


def test_a_job_that_contradicts_itself_is_told_where():
    text = JOB.format(decided="required: [identity]\n  forbidden: [denoising, identity]")
    with pytest.raises(JobInvalid) as caught:
        load_job(text, catalogue=Registry.load(plugins=False))
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (11, 26)
    assert problem.message == "`identity` is `required`, too."


def test_a_table_job_says_at_which_key_a_decision_is_wrong():
    problem = complete(VALUES)
    found = decided(problem, Solve(required=["a"], forbidden=["b"]))
    assert (found.required, found.forbidden) == ({"a"}, {"b"})
    with pytest.raises(InputError, match=r"^solve\.forbidden: These tasks are forbidden and"):
        decided(problem, Solve(forbidden=["z"]))
