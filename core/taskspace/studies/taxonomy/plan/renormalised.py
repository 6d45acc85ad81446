"""The program under other normalisers: the same win rates, other affinities."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from taskspace.policy import PolicyProblem, coefficient_value, measured_by
from taskspace.studies.taxonomy.maths.floor import FLOOR, task_of
from taskspace.studies.taxonomy.maths.tournament import Normaliser, affinities
from taskspace.studies.taxonomy.plan.competitors import competitor_name
from taskspace.studies.taxonomy.plan.state import TaxonomyState


def renormalised_problems(state: TaxonomyState, problem: PolicyProblem) -> dict[str, PolicyProblem]:
    """Return the job's program valued by each of the other normalisers, where it wants them.

    Empty where its coefficient is made from no affinity. The sources that the higher orders combine
    stay those that the job's own normaliser chose.
    """
    job = state.job
    coefficient = job.solve.coefficient
    if not job.solve.compare_normalisers or measured_by(coefficient) != "affinity":
        return {}
    others: list[Normaliser] = [n for n in get_args(Normaliser) if n != job.normaliser]
    problems: dict[str, PolicyProblem] = {}
    for normaliser in others:
        strengths = {t: _strengths(state, t, normaliser) for t in state.served_targets()}
        transfers = list(problem.transfers)
        for position, transfer in enumerate(transfers):
            if transfer.sources != (FLOOR,):
                name = competitor_name(transfer.target, transfer.sources)
                value = coefficient_value(coefficient, strengths[task_of(transfer.target)][name])
                transfers[position] = replace(transfer, value=value)
        problems[normaliser] = replace(problem, transfers=tuple(transfers))
    return problems


def _strengths(state: TaxonomyState, target: str, normaliser: Normaliser) -> dict[str, float]:
    """Return the affinity of each competitor for a target, the mean over the repetitions."""
    stored = state.every(state.tournaments[target])
    found = [affinities(one.array("win_rates"), normaliser) for one in stored]
    return dict(zip(state.competitors(target), np.mean(found, axis=0).tolist(), strict=True))
