"""Formulations, transfer costs, required and forbidden tasks: against trying every (y, x)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import decimal
from policy_programs import Program, alike, cases, programs

from taskspace.components import Limits
from taskspace.errors import InputError
from taskspace.policy import solve_policies
from taskspace.policy.model.formulation import FORMULATIONS, build, set_budget
from taskspace.policy.model.instance import Instance
from taskspace.policy.search import Search
from taskspace.policy.ties import settle, settle_with_costs
from taskspace_plugins.solvers.glpk import Glpk
from taskspace_plugins.solvers.highs import Highs


def agrees_with_enumeration(program: Program, budget, solver, formulation):
    policies = [(program.cost(y, x), y, x) for y, x in program.policies()]
    if not policies:
        with pytest.raises(InputError, match="nothing is left that can serve"):
            program.problem()
        return
    (policy,) = solve_policies(
        program.problem(), [budget], solver, formulation=formulation, most_ties=200
    )
    affordable = [(y, x) for cost, y, x in policies if cost <= decimal(budget)]
    if not affordable:
        assert policy.status == "infeasible"
        assert policy.objective is None and policy.bound is None and not policy.transfers
        least = min(cost for cost, _, _ in policies)
        assert policy.message.endswith(f"the smallest that works is {float(least):g}.")
        return
    y, x = min(affordable, key=lambda policy: program.rank(*policy))
    assert policy.status == "optimal", policy.message
    assert policy.objective == float(program.objective(x))
    assert policy.supervised == y
    assert dict(policy.transfers) == {t.target: t.sources for t in x}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=cases(programs()), formulation=st.sampled_from(FORMULATIONS))
def test_every_formulation_finds_what_trying_everything_finds(case, formulation):
    agrees_with_enumeration(*case, Highs(), formulation)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(case=cases(alike()))
def test_the_answer_is_one_whichever_optimal_set_a_solver_returns(case):
    """Of all optimal sets, start from the one that stands last."""
    program, budget = case
    affordable = [p for p in program.policies() if program.cost(*p) <= decimal(budget)]
    if not affordable:
        return
    most = max(program.objective(x) for _, x in affordable)
    optimal = [p for p in affordable if program.objective(p[1]) == most]
    first, last = (
        pick(optimal, key=lambda policy: program.rank(*policy))[0] for pick in (min, max)
    )
    instance = Instance(program.problem())
    model = build(instance)
    set_budget(model, instance, budget)
    search = Search(instance, model, instance.capacity(budget), Highs(), Limits())
    settled = settle_with_costs if instance.coupled else settle
    assert settled(search, instance.mask(last), 200) == (instance.mask(first), "")
    assert search.capacity == instance.capacity(budget)


@pytest.mark.skipif(Glpk().missing() is not None, reason="GLPK is not installed")
@settings(max_examples=8, deadline=None, derandomize=True)
@given(case=cases(programs()), formulation=st.sampled_from(FORMULATIONS))
def test_glpk_finds_it_too(case, formulation):
    agrees_with_enumeration(*case, Glpk(), formulation)
