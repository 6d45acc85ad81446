"""From tournaments to the policy program, and from its answer to what is known on `test`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from taskspace.errors import InputError
from taskspace.policy import PolicyProblem, Transfer, coefficient_value, measured_by
from taskspace.studies.taxonomy.job import Solve
from taskspace.studies.taxonomy.maths.floor import FLOOR, as_target, task_of
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, competitor_name
from taskspace.studies.taxonomy.plan.standings import Standing
from taskspace.studies.taxonomy.plan.state import TaxonomyState


def policy_problem(state: TaxonomyState, standings: Mapping[str, Standing]) -> PolicyProblem | None:
    """Return the program over all admitted competitors, valued by what was measured on `select`.

    A readout on the target's own encoder is no transfer: it needs the target's own labels. Every
    target has its floor, so every budget has a policy (see `floor`). None where no target is left,
    or a required task has no network.

    Args:
        standings: every served target's, over all repetitions or in one.
    """
    solve = state.job.solve
    admits_all = solve.admit == "all"
    trained = {name for name in state.labelled_sources if state.network_cells("supervised", name)}
    transfers: list[Transfer] = []
    own: set[str] = set()
    names: dict[str, str] = {}
    for target, standing in standings.items():
        admitted = [n for n in standing.competitors if admits_all or standing.admits(n)]
        if SUPERVISED in admitted:
            own.add(target)
        # Its labels can be bought, but its own network is no better than what costs nothing.
        name = names[target] = as_target(target) if target in trained - own else target
        transfers += _valued(state, standing, target, name, admitted)
        transfers.append(_floor(standing, solve, name))
    candidates = own | trained | {*state.pretrained}
    if not transfers or not candidates.issuperset(solve.required):
        return None
    importance = {name: state.entries[target].importance for target, name in names.items()}
    label_cost = {name: state.cost_of(name) for name in sorted(candidates)}
    return PolicyProblem.of(
        transfers,
        importance=importance,
        label_cost={**label_cost, FLOOR: 0.0},
        source_only=(candidates - own) | {FLOOR},
        target_only=set(names.values()) - own,
        rule=solve.rule,
        required={*solve.required, FLOOR},
        forbidden=candidates.intersection(solve.forbidden),
    )


def with_labels_alone(state: TaxonomyState, problem: PolicyProblem) -> PolicyProblem:
    """Return the program where no pretrained source may be used."""
    return replace(problem, forbidden=problem.forbidden | {*state.pretrained})


def with_pretrained_alone(state: TaxonomyState, problem: PolicyProblem) -> PolicyProblem:
    """Return the program where no label may be bought; those that cost nothing may be used."""
    candidates = {*problem.sources} & {*state.labelled_sources}
    paid = {name for name in candidates if state.cost_of(name)}
    return replace(problem, required=problem.required - paid, forbidden=problem.forbidden | paid)


def _valued(
    state: TaxonomyState, standing: Standing, target: str, name: str, admitted: Sequence[str]
) -> Iterator[Transfer]:
    """Yield the admitted competitors for a target that the program calls `name`."""
    coefficient = state.job.solve.coefficient
    for competitor in admitted:
        worth = standing.competitors[competitor]
        sources = state.sources_of(target, competitor)
        value: float | None = getattr(worth, measured_by(coefficient))
        if value is None or (target in sources and competitor != SUPERVISED):
            continue
        yield Transfer(
            name, sources, coefficient_value(coefficient, value), worth.gain, worth.quality
        )


def _floor(standing: Standing, solve: Solve, name: str) -> Transfer:
    """Return what serves a target at no cost: worth its win rate, or no affinity at all."""
    floor = standing.floor
    value = {"gain": floor.gain, "quality": floor.quality}.get(solve.coefficient) or 0.0
    return Transfer(name, (FLOOR,), value, floor.gain, floor.quality)


def decided(problem: PolicyProblem, solve: Solve) -> PolicyProblem:
    """Return the problem with what the job requires and forbids.

    Raises:
        InputError: at the key of the job, if a task is unknown or a target is left unserved.
    """
    for key, names in (("required", solve.required), ("forbidden", solve.forbidden)):
        try:
            change: dict[str, Any] = {key: frozenset(names)}
            problem = replace(problem, **change)
        except InputError as error:
            raise InputError(error.what, where=f"solve.{key}", advice=error.advice) from error
    return problem


def budgets_of(solve: Solve, problem: PolicyProblem) -> list[float]:
    """Return the job's budgets, or 1, 2, 3, 4, 6, 8, 12, 16, ... times what a label costs.

    That is the mean over the labels that cost something; free ones are had under any budget.
    """
    if solve.budgets is not None:
        return list(solve.budgets)
    costs = [problem.label_cost.get(name, 1.0) for name in problem.sources]
    paid = [cost for cost in costs if cost]
    if not paid:
        return [0.0]
    cost = sum(paid) / len(paid)
    steps = [1, 2, 3, 4]
    while steps[-1] < len(paid):
        steps.append(steps[-2] * 2)
    return [round(step * cost, 6) for step in steps if step < len(paid)] or [round(cost, 6)]


def tested_problem(state: TaxonomyState) -> PolicyProblem:
    """Return the program with gain and quality of `test` in place of those of `select`."""
    problem = state.problem
    if problem is None:
        raise ValueError("There is no program, so nothing of it was tested.")
    return replace(problem, transfers=tuple(_tested(state, each) for each in problem.transfers))


def _tested(state: TaxonomyState, transfer: Transfer) -> Transfer:
    target = task_of(transfer.target)
    record: Mapping[str, Any] = state.record(state.assessed[target])
    row = record["competitors"].index(competitor_name(target, transfer.sources))
    gain, quality = (record[key][row] and record[key][row][0] for key in ("gain", "quality"))
    return replace(transfer, gain=gain, quality=quality)
