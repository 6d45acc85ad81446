"""The answer of a job whose errors were measured elsewhere: a table, and nothing to compute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from taskspace.components import Answer
from taskspace.errors import InputError
from taskspace.jobs import nearest
from taskspace.studies.recommend.job import RecommendJob
from taskspace.studies.recommend.maths.adaptive import adaptive_tries
from taskspace.studies.recommend.maths.errors import ErrorTable
from taskspace.studies.recommend.maths.leave_out import leave_out
from taskspace.studies.recommend.maths.neighbours import NearTasks
from taskspace.studies.recommend.maths.tries import best_of_first
from taskspace.studies.recommend.result.findings import recommend_findings
from taskspace.studies.recommend.result.guesses import Guess, one_by_one, static_guesses
from taskspace.studies.recommend.result.model import (
    ModelRecord,
    RankedModel,
    RecommendResult,
    Span,
    TargetRecord,
    TriedRecord,
)
from taskspace.studies.recommend.result.selection import (
    curves,
    selections,
    tried_record,
    verdict_record,
)
from taskspace.studies.recommend.result.tables import answer_tables
from taskspace.studies.recommend.table.reading import MeasuredModels, read_errors

ADAPTIVE = "adaptive tries"
FEWEST = 3
"""Tasks from which on tries can be guided by tasks that are left out one at a time."""

MOST_TRIED = 10
"""Tries that are guided; each costs a nested division of all tasks."""


def table_answer(job: RecommendJob) -> Answer:
    """Return the answer for a table of errors.

    Raises:
        TableError: if the file cannot be used; InputError: if `generic` is none of its models.
    """
    if job.errors is None:
        raise TypeError("A job without a table has something to measure.")
    read = read_errors(job.errors)
    table = replace(read.table, errors=read.table.errors / 100)
    if job.generic is not None and job.generic not in table.models:
        guess = nearest(job.generic, table.models)
        raise InputError(
            f"The table has no model {job.generic!r}.",
            where="generic",
            advice=f"Did you mean {guess!r}?" if guess else "Name a column of models.",
        )
    counts = {
        name: None if np.isnan(count) else int(count)
        for name, count in zip(table.models, read.parameters, strict=True)
    }
    guesses = [*static_guesses(table, counts, job.generic), *_score_guesses(read)]
    found = verdict_record(table, guesses, "table", 0, job.seed)
    result = RecommendResult(
        study="recommend",
        name=job.name,
        seed=job.seed,
        interval="95 %, bootstrap over tasks",
        draws=0,
        generic=job.generic,
        own=[],
        targets=[
            TargetRecord(name=task, dataset=str(job.errors.table.name), group=str(group))
            for task, group in zip(table.tasks, table.groups.tolist(), strict=True)
        ],
        models=[
            ModelRecord(name=name, kind="table", parameters=counts[name]) for name in table.models
        ],
        ranking=_ranking(table),
        estimates=[],
        methods=selections(table, guesses, "table", 0, job.seed),
        verdicts=[] if found is None else [found],
        curves=[*curves(table, guesses, "table", 0, job.seed), *_adaptive(table, job.seed)],
        missing=[],
    )
    return Answer(
        result=result, tables=answer_tables(result), findings=tuple(recommend_findings(result))
    )


def _score_guesses(read: MeasuredModels) -> Iterator[Guess]:
    for name, values in read.scores.items():
        if not np.isnan(values).all():
            yield Guess(name, "score", [-values])


def _ranking(table: ErrorTable) -> list[RankedModel]:
    """Return the candidates of every task, best first; nothing tells whether others are tied."""
    rows: list[RankedModel] = []
    for task, errors in zip(table.tasks, table.candidates(), strict=True):
        present = [column for column in np.argsort(errors) if not np.isnan(errors[column])]
        for place, column in enumerate(present):
            error = float(errors[column])
            rows.append(
                RankedModel(
                    task=task,
                    images=0,
                    adapt="table",
                    model=table.models[column],
                    rank=place + 1,
                    error=Span(mean=error, low=None, high=None),
                    draws=[error],
                    behind=error - float(errors[present[0]]),
                    p=None,
                    tied=place == 0,
                )
            )
    return rows


def _adaptive(table: ErrorTable, seed: int) -> Iterator[TriedRecord]:
    """Yield what is lost where each try is chosen by what the ones before have shown."""
    alone = one_by_one(table)
    if len(table.tasks) <= FEWEST:
        return
    # Without distances between tasks every task is as near as any other: the average ranking.
    count = len(table.tasks)
    average = NearTasks(np.zeros((count, count)), table.own, reaches=(np.inf,), pulls=(0.0,))
    errors, most = table.candidates(), min(MOST_TRIED, len(table.models))
    order = adaptive_tries(alone, average, leave_out(alone, average), most).order
    reached = best_of_first(errors, order)
    own = tried_record(ADAPTIVE, errors, reached, "table", 0, seed)
    if own is not None:
        yield own
