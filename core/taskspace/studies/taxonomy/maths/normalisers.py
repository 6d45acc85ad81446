"""Would another normaliser decide otherwise: the same win rates, other affinities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from taskspace.policy import PolicyProblem, coefficient_value, measured_by
from taskspace.studies.taxonomy.maths.floor import FLOOR, task_of
from taskspace.studies.taxonomy.maths.tournament import Normaliser, affinities
from taskspace.studies.taxonomy.plan.competitors import SUPERVISED, label
from taskspace.studies.taxonomy.plan.knowledge import Knowledge


def renormalised_problems(known: Knowledge) -> dict[Normaliser, PolicyProblem]:
    """Return the job's program valued by each of the other normalisers.

    Empty where there is no program, or where its coefficient is made from no affinity. The sources
    that the higher orders combine stay those that the job's own normaliser chose.
    """
    problem, coefficient = known.problem, known.job.solve.coefficient
    if problem is None or measured_by(coefficient) != "affinity":
        return {}
    others: list[Normaliser] = [n for n in get_args(Normaliser) if n != known.job.normaliser]
    problems = {}
    for normaliser in others:
        strengths = {
            target: _strengths(known, target, normaliser) for target in known.served_targets()
        }
        problems[normaliser] = replace(
            problem,
            transfers=tuple(
                replace(
                    transfer,
                    value=coefficient_value(
                        coefficient,
                        strengths[task_of(transfer.target)][
                            SUPERVISED if transfer.is_supervised else label(transfer.sources)
                        ],
                    ),
                )
                if transfer.sources != (FLOOR,)
                else transfer
                for transfer in problem.transfers
            ),
        )
    return problems


def _strengths(known: Knowledge, target: str, normaliser: Normaliser) -> dict[str, float]:
    stored = [known.get(each.tournaments[target]) for each in known.repetitions]
    found = [affinities(one.array("win_rates"), normaliser) for one in stored if one is not None]
    mean = np.mean(found, axis=0).tolist()
    return dict(zip(known.competitors(target), mean, strict=True))


def policies_by_normaliser(
    chosen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[dict[str, object]]:
    """Return which tasks each normaliser would supervise, by budget that all have a policy for.

    Args:
        chosen: normaliser to its policies, one a budget.
    """
    by_budget = {
        normaliser: {p["budget"]: p["supervised"] for p in policies if p["transfers"]}
        for normaliser, policies in chosen.items()
    }
    budgets = [set(found) for found in by_budget.values()]
    return [
        {"budget": budget, "supervised": {name: found[budget] for name, found in by_budget.items()}}
        for budget in sorted(set.intersection(*budgets) if budgets else ())
    ]
