"""Each training as a row of the result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taskspace.learning.statistics import relative_gain
from taskspace.studies.multitask.plan.cells import Trial
from taskspace.studies.multitask.result.measured import Measured
from taskspace.studies.multitask.result.model import CurveRecord, RuleRecord, TrialRecord


def trial_rows(known: Measured) -> list[TrialRecord]:
    """Return every training that has a result, with what it is worth by each rule."""
    return [_row(known, trial) for trial in known.trials]


def _row(known: Measured, trial: Trial) -> TrialRecord:
    record = known.trials[trial].record
    return TrialRecord(
        scheme=trial.scheme,
        size=record["samples"],
        seed=trial.seed,
        rule=known.plan.job.rules[0],
        rules={
            rule: RuleRecord(
                metric=found["metric"],
                loss=found["loss"],
                mean=_mean(known, found["metric"]),
                delta_m=_delta(known, trial, found["metric"]),
                kept=found["kept"],
                multiply_adds=found["multiply_adds"],
            )
            for rule in known.plan.job.rules
            if (found := record["evaluation"][rule])
        },
        expected=record["expected"],
        experts=record["experts"],
        multiply_adds=record["multiply_adds"],
        deployed=record["deployed"],
        parameters=record["parameters"],
        curve=CurveRecord.model_validate(record["curve"]),
    )


def _mean(known: Measured, metrics: Sequence[float | None]) -> float | None:
    """Return the mean over tasks that have test labels; None where their metrics differ."""
    present = [value for value in metrics if value is not None]
    return float(np.mean(present)) if known.metric is not None and present else None


def _delta(known: Measured, trial: Trial, metrics: Sequence[float | None]) -> float | None:
    """Return delta_m against separate networks of the same samples and repetition.

    Those share nothing, so that every rule leaves them as they are.
    """
    if known.baseline is None:
        return None
    baseline = known.trials.get(trial._replace(scheme=known.baseline))
    if baseline is None:
        return None
    first = baseline.record["evaluation"][known.plan.job.rules[0]]
    return relative_gain(metrics, first["metric"], known.rising)
