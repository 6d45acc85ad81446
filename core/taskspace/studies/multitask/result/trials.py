"""Each training as a row of the result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace.learning.statistics import relative_gain
from taskspace.studies.multitask.plan.cells import Trial
from taskspace.studies.multitask.plan.state import MultitaskState
from taskspace.studies.multitask.result.model import CurveRecord, RuleRecord, TrialRecord


def trial_rows(state: MultitaskState) -> list[TrialRecord]:
    """Return every training that has a result, with what it is worth by each rule."""
    return [_row(state, trial) for trial in state.trials]


def _row(state: MultitaskState, trial: Trial) -> TrialRecord:
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
