"""The answer of a job: its result as JSON, arrays of gates, tables of the terminal, findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from taskspace.components import Answer, MissingCell
from taskspace.learning.metrics import RISING
from taskspace.learning.statistics import relative_gain
from taskspace.studies.multitask.plan.cells import Trial
from taskspace.studies.multitask.plan.state import MultitaskState
from taskspace.studies.multitask.result.comparison import (
    differences,
    frontier,
    score_name,
    summaries,
    task_similarity,
)
from taskspace.studies.multitask.result.findings import multitask_findings
from taskspace.studies.multitask.result.gates import gate_array
from taskspace.studies.multitask.result.model import (
    CurveRecord,
    MultitaskResult,
    RuleRecord,
    SampleCounts,
    SchemeRecord,
    SimilarityRecord,
    TaskRecord,
    TrialRecord,
)
from taskspace.studies.multitask.result.tables import difference_table, summary_table, task_table

SECONDS = "seconds_per_step"
"""The array of wall times, one for each training of the result, in its order."""


def multitask_answer(state: MultitaskState) -> Answer:
    """Return the answer for what has been trained."""
    rows = [_trial(state, trial) for trial in state.trials]
    summary = summaries(rows)
    score = score_name(rows)
    rising = score == "delta_m" or state.metric in RISING
    failures = tuple(state.failures())
    result = MultitaskResult(
        study="multitask",
        name=state.plan.job.name,
        seed=state.plan.job.seed,
        metric=state.metric,
        score=score,
        rising=rising,
        interval="95 % intervals by Student's t over repetitions",
        samples=SampleCounts(train=state.counts.get("train"), test=state.counts.get("test")),
        tasks=_tasks(state),
        schemes=[
            SchemeRecord(
                name=name,
                gating=gating.name,
                chooses=gating.chooses,
                parameters=gating.model_dump(mode="json"),
            )
            for name, gating in state.plan.schemes.items()
        ],
        rules=list(state.plan.job.rules),
        trials=rows,
        summary=summary,
        differences=differences(rows),
        frontier=frontier(summary, score, rising=rising),
        similarity=_similarities(state),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    artifacts = _arrays(state)
    tables = (
        summary_table(result, artifacts.get(SECONDS)),
        task_table(result),
        difference_table(result),
    )
    return Answer(
        result=result,
        artifacts=artifacts,
        tables=tuple(table for table in tables if table.rows),
        findings=tuple(multitask_findings(result, artifacts)),
        failures=failures,
        solved=bool(rows),
    )


def _tasks(state: MultitaskState) -> list[TaskRecord]:
    counted = {task["name"]: task for task in state.counts.get("tasks", ())}
    unknown: dict[str, Any] = dict.fromkeys(("train", "test", "base_rate"))
    return [
        TaskRecord(
            name=name,
            metric=task.metric,
            **{key: counted.get(name, unknown)[key] for key in unknown},
        )
        for name, task in state.plan.tasks.items()
    ]


def _similarities(state: MultitaskState) -> list[SimilarityRecord]:
    """Return how alike tasks are by their gates, the mean over repetitions; None is unknown.

    Experts of two repetitions have nothing in common, but what tasks have in common with each
    other can be compared.
    """
    matrices: dict[tuple[str, int], list[np.ndarray]] = {}
    for trial, stored in state.trials.items():
        found = task_similarity(state.probabilities(trial))
        if not np.isnan(found).all():
            matrices.setdefault((trial.scheme, stored.record["samples"]), []).append(found)
    return [
        SimilarityRecord(scheme=scheme, size=size, matrix=_known_mean(found))
        for (scheme, size), found in matrices.items()
    ]


def _known_mean(matrices: list[np.ndarray]) -> list[list[float | None]]:
    stack = np.stack(matrices)
    present = ~np.isnan(stack)
    count = present.sum(axis=0)
    mean = np.where(present, stack, 0.0).sum(axis=0) / np.maximum(count, 1)
    return [
        [float(value) if times else None for value, times in zip(row, counts, strict=True)]
        for row, counts in zip(mean, count, strict=True)
    ]


def _arrays(state: MultitaskState) -> dict[str, np.ndarray]:
    """Return wall times, and the gate probabilities of each training as `gates/<training>/<layer>`.

    Wall times are no part of the result, which is equal for equal jobs.
    """
    seconds = [s.record["timing"]["seconds_per_step"] for s in state.trials.values()]
    arrays = {SECONDS: np.array(seconds)} if seconds else {}
    for trial, stored in state.trials.items():
        for layer, probabilities in enumerate(state.probabilities(trial)):
            name = gate_array(trial.scheme, stored.record["samples"], trial.seed, layer)
            arrays[name] = np.array(probabilities)
    return arrays


def _trial(state: MultitaskState, trial: Trial) -> TrialRecord:
    """Return a training, with what it is worth by each rule."""
    record = state.trials[trial].record
    return TrialRecord(
        scheme=trial.scheme,
        size=record["samples"],
        seed=trial.seed,
        rule=state.plan.job.rules[0],
        rules={
            rule: RuleRecord(
                metric=found["metric"],
                loss=found["loss"],
                mean=_mean(state, found["metric"]),
                delta_m=_delta(state, trial, found["metric"]),
                kept=found["kept"],
                multiply_adds=found["multiply_adds"],
            )
            for rule in state.plan.job.rules
            if (found := record["evaluation"][rule])
        },
        expected=record["expected"],
        experts=record["experts"],
        multiply_adds=record["multiply_adds"],
        deployed=record["deployed"],
        parameters=record["parameters"],
        curve=CurveRecord.model_validate(record["curve"]),
    )


def _mean(state: MultitaskState, metrics: Sequence[float | None]) -> float | None:
    """Return the mean over tasks that have test labels; None where their metrics differ."""
    present = [value for value in metrics if value is not None]
    return float(np.mean(present)) if state.metric is not None and present else None


def _delta(state: MultitaskState, trial: Trial, metrics: Sequence[float | None]) -> float | None:
    """Return delta_m against separate networks of the same samples and repetition.

    Those share nothing, so that every rule leaves them as they are.
    """
    if state.baseline is None:
        return None
    baseline = state.trials.get(trial._replace(scheme=state.baseline))
    if baseline is None:
        return None
    first = baseline.record["evaluation"][state.plan.job.rules[0]]
    return relative_gain(metrics, first["metric"], state.rising)
