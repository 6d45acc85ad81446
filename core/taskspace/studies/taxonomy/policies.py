"""From tournaments to the policy program, and from its answer to what is known on `test`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from taskspace.components import JSON
from taskspace.errors import InputError
from taskspace.studies.taxonomy.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.job import Solve
from taskspace.studies.taxonomy.knowledge import Knowledge
from taskspace.studies.taxonomy.policy import (
    Policy,
    PolicyProblem,
    Transfer,
    coefficient_value,
    measured_by,
)


def policy_problem(known: Knowledge) -> PolicyProblem | None:
    """Return the program over all competitors, valued by what was measured on `select`.

    A readout on the target's own encoder is no transfer: it needs the target's own labels. A
    target is left out where nothing that was measured can serve it without forbidden tasks. None
    where no target is left, or a required task has no network.
    """
    solve = known.job.solve
    coefficient = solve.coefficient
    transfers = []
    for target in known.served_targets():
        for name, measured in selected_values(known, target).items():
            sources = known.sources_of(target, name)
            value = measured[measured_by(coefficient)]
            if value is None or (target in sources and name != SUPERVISED):
                continue
            worth = coefficient_value(coefficient, value)
            transfers.append(
                Transfer(target, sources, worth, measured["gain"], measured["quality"])
            )
    served = {t.target for t in transfers if not {*t.sources}.intersection(solve.forbidden)}
    transfers = [transfer for transfer in transfers if transfer.target in served]
    supervised = {transfer.target for transfer in transfers if transfer.is_supervised}
    trained = {n for n in known.sources if known.has(known.networks["supervised", n])}
    candidates = supervised | (trained - served)
    if not transfers or not candidates.issuperset(solve.required):
        return None
    entries = [known.entries[name] for name in sorted(served | trained)]
    problem = PolicyProblem.of(
        transfers,
        importance={entry.name: entry.importance for entry in entries if entry.name in served},
        label_cost={e.name: e.label_cost for e in entries if e.name in candidates},
        source_only=trained - served,
        target_only=served - supervised,
        rule=solve.rule,
    )
    named = candidates.intersection(solve.forbidden)
    return replace(problem, required=frozenset(solve.required), forbidden=frozenset(named))


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


def selected_values(known: Knowledge, target: str) -> dict[str, dict[str, float | None]]:
    """Return affinity, gain and quality on `select` of each competitor, best affinity first."""
    stored = known.get(known.tournaments[target])
    if stored is None:
        return {}
    names = stored.record["competitors"]
    quality = stored.record.get("quality", [None] * len(names))
    order = sorted(range(len(names)), key=lambda row: (-stored.record["affinity"][row], names[row]))
    return {
        names[row]: {
            "affinity": stored.record["affinity"][row],
            "gain": stored.record["gain"][row],
            "quality": quality[row],
        }
        for row in order
    }


def budgets_of(solve: Solve, problem: PolicyProblem) -> list[float]:
    """Return the job's budgets, or 1, 2, 3, 4, 6, 8, 12, 16, ... times the mean label cost."""
    if solve.budgets is not None:
        return list(solve.budgets)
    sources = len(problem.sources)
    cost = sum(problem.label_cost.get(name, 1.0) for name in problem.sources) / max(sources, 1)
    steps = [1, 2, 3, 4]
    while steps[-1] < sources:
        steps.append(steps[-2] * 2)
    return [round(step * cost, 6) for step in steps if step < sources] or [round(cost, 6)]


def failed_policies(budgets: Sequence[float], message: str) -> list[dict[str, Any]]:
    """Return what stands for the policies where the cell that solves has no result."""
    return [
        Policy(budget, "error", message=message).as_json() | {"measured_on": None}
        for budget in budgets
    ]


def null_parameters(known: Knowledge) -> dict[str, JSON]:
    """Return the parameters of the null: the program with test gain and quality in place."""
    problem = known.problem
    if problem is None:
        raise ValueError("There is no program, so it has no null.")
    tested = replace(
        problem,
        transfers=tuple(
            replace(transfer, gain=gain, quality=quality)
            for transfer, gain, quality in _tested(known, problem)
        ),
    )
    return {
        "problem": tested.as_json(),
        "policies": [
            {"budget": policy["budget"], "transfers": policy["transfers"]}
            for policy in known.record(known.solved)["policies"]
            if policy["transfers"]
        ],
        "count": known.job.solve.random_policies,
    }


def _tested(
    known: Knowledge, problem: PolicyProblem
) -> Iterator[tuple[Transfer, float | None, float | None]]:
    for transfer in problem.transfers:
        record: Mapping[str, Any] = known.record(known.assessed[transfer.target])
        name = SUPERVISED if transfer.is_supervised else label(transfer.sources)
        row = record["competitors"].index(name)
        yield (
            transfer,
            *(
                record[statistic][row] and record[statistic][row][0]
                for statistic in ("gain", "quality")
            ),
        )
