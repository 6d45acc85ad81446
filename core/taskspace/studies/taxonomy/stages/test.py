"""The last stage: what has been decided is measured on the test images."""

from __future__ import annotations

from dataclasses import replace

from taskspace.components import Cell
from taskspace.studies.taxonomy.plan.chains import chain_rows, comparable_chains, comparison_cell
from taskspace.studies.taxonomy.plan.competitor_cells import (
    assessment_cell,
    code_rows,
    tested_competitors,
    tested_rivals,
)
from taskspace.studies.taxonomy.plan.evaluation import (
    below_constant_cell,
    evidence_cell,
    novel_cell,
    orders_cell,
    policies_cell,
)
from taskspace.studies.taxonomy.plan.finetuned import adapt_cell, compared_pairs
from taskspace.studies.taxonomy.plan.policies import tested_problem
from taskspace.studies.taxonomy.plan.policy_cells import null_cell
from taskspace.studies.taxonomy.plan.pretrained_evidence import (
    compared_policies_cell,
    compared_sources_cell,
)
from taskspace.studies.taxonomy.plan.state import TaxonomyState, by_repetition
from taskspace.studies.taxonomy.stages.staged import Staged, staged


def test(solved: TaxonomyState) -> Staged:
    """Measure on the test images what has been decided; nothing is decided after this."""
    state = yield from _losses(solved)
    return (yield from _evaluation(state))


def _losses(solved: TaxonomyState) -> Staged:
    """Measure and assess all competitors for each target, beside its rivals, and the chains."""
    rivals = {target: tested_rivals(solved, target) for target in solved.served_targets()}
    tested = {target: tested_competitors(solved, target, own) for target, own in rivals.items()}
    state = replace(
        solved,
        tested=tested,
        previews={target: solved.plans[0].preview(target) for target in rivals},
        assessed={t: assessment_cell(solved, t, tested[t], own) for t, own in rivals.items()},
    )
    cells: list[Cell] = []
    for target, own in rivals.items():
        cells += by_repetition([*code_rows(state, target), *tested[target].values()])
        cells += [cell for networks in own.values() for cell in networks]
        cells += [state.previews[target], state.assessed[target]]
    if chains := comparable_chains(state):
        compared = comparison_cell(state, chains)
        state = replace(state, compared_chains=compared)
        cells += [*by_repetition(chain_rows(state, chains, ("test",))), compared]
    if finetuned := compared_pairs(state):
        compared = adapt_cell(state, finetuned)
        state = replace(state, compared_adapt=compared)
        cells += [*by_repetition(finetuned.values()), compared]
    return (yield from staged(state, "test", cells))


def _evaluation(tested: TaxonomyState) -> Staged:
    """Say what the assessed competitors, orders and policies are worth together."""
    evaluated, null = policies_cell(tested), None
    if evaluated:
        policies = tested.record(tested.solved)["policies"]
        null = null_cell(tested.job, tested.planner, tested_problem(tested), policies)
    state = replace(
        tested,
        ordered=orders_cell(tested),
        novel=novel_cell(tested),
        compared_sources=compared_sources_cell(tested),
        compared_policies=compared_policies_cell(tested),
        evaluated=evaluated,
        null=null,
        below_constant=below_constant_cell(tested),
        evidence=evidence_cell(tested),
    )
    cells = (
        state.ordered,
        state.novel,
        state.compared_sources,
        state.compared_policies,
        evaluated,
        null,
        state.below_constant,
        state.evidence,
    )
    return (yield from staged(state, "test", cells))
