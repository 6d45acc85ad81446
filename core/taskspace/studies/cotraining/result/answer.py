"""The answer of a job: its result as JSON, tables of the terminal, findings."""

from __future__ import annotations

import numpy as np

from taskspace.components import Answer, MissingCell, Task
from taskspace.learning.metrics import RISING
from taskspace.studies.cotraining.job import AuxiliarySettings
from taskspace.studies.cotraining.plan.arms import ArmTraining
from taskspace.studies.cotraining.plan.state import CotrainingState
from taskspace.studies.cotraining.result.differences import differences, summaries
from taskspace.studies.cotraining.result.findings import cotraining_findings
from taskspace.studies.cotraining.result.model import (
    ArmRecord,
    ArmTrial,
    AuxiliaryRecord,
    CentralRecord,
    CotrainingResult,
    LossCurveRecord,
    SharedRecord,
    TaskOfArm,
)
from taskspace.studies.cotraining.result.previews import previews
from taskspace.studies.cotraining.result.tables import (
    arm_table,
    auxiliary_table,
    difference_table,
    further_table,
)

SECONDS = "seconds_per_step"
"""The array of wall times, one for each training of the result, in its order."""


def cotraining_answer(state: CotrainingState) -> Answer:
    """Return the answer for what has been trained."""
    plan, job = state.plan, state.plan.job
    trials = [_trial(state, trial) for trial in state.trials]
    pictures, words = previews(state)
    central = central_record(job.central.name, plan.tasks[job.central.name])
    failures = tuple(state.failures())
    result = CotrainingResult(
        study="cotraining",
        name=job.name,
        seed=job.seed,
        central=central,
        auxiliary=[
            auxiliary_record(each, plan.tasks[name]) for name, each in plan.auxiliary.items()
        ],
        shared=SharedRecord(stages=plan.shared, of=plan.encoder.stage_count()),
        interval="95 % intervals by Student's t over repetitions",
        arms=[
            ArmRecord(name=arm.name, kind=arm.kind, auxiliary=list(arm.auxiliary))
            for arm in plan.arms.values()
        ],
        trials=trials,
        summary=summaries(trials),
        differences=differences(trials, central.metric),
        further=[row for metric in central.further for row in differences(trials, metric)],
        words=words,
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    seconds = [each.record["timing"]["seconds_per_step"] for each in state.trials.values()]
    tables = (
        arm_table(result),
        difference_table(result),
        further_table(result),
        auxiliary_table(result),
    )
    return Answer(
        result=result,
        # No part of the result, which is equal for equal jobs.
        artifacts=pictures | ({SECONDS: np.array(seconds)} if seconds else {}),
        tables=tuple(table for table in tables if table.rows),
        findings=tuple(cotraining_findings(result)),
        failures=failures,
        solved=bool(trials),
    )


def central_record(name: str, task: Task) -> CentralRecord:
    """Return what a central task is compared by: what it measures over all images, if anything."""
    metric, *further = _metrics(task)
    return CentralRecord(name=name, metric=metric, further=further, rising=metric in RISING)


def auxiliary_record(settings: AuxiliarySettings, task: Task) -> AuxiliaryRecord:
    """Return an auxiliary task; its metric, too, is over all images if anything is."""
    metric, *_ = _metrics(task)
    return AuxiliaryRecord(
        name=settings.name,
        metric=metric,
        rising=metric in RISING,
        weight=settings.weight,
        batch=settings.batch,
        every=settings.every,
    )


def _metrics(task: Task) -> tuple[str, ...]:
    return task.overall or (task.metric,)


def _trial(state: CotrainingState, trial: ArmTraining) -> ArmTrial:
    record = state.trials[trial].record
    tasks = [TaskOfArm(**task) for task in record["tasks"]]
    return ArmTrial(
        arm=trial.arm,
        labels=tasks[0].images,
        seed=trial.seed,
        tasks=tasks,
        parameters=record["parameters"],
        curve=LossCurveRecord(**record["curve"]),
    )
