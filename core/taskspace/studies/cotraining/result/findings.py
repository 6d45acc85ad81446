"""What a reader must know of a co-training result: warnings, the verdict, then notes."""

from __future__ import annotations

from collections.abc import Iterator

from taskspace.components import Finding
from taskspace.learning.missing import missing_finding
from taskspace.studies.cotraining.result.model import CotrainingResult
from taskspace.studies.cotraining.result.verdict import listed, verdict_finding

MARGIN = 0.02
"""By how much an auxiliary accuracy must be above its base rate to be learnt."""


def cotraining_findings(result: CotrainingResult) -> Iterator[Finding]:
    """Yield the findings of a result."""
    if result.missing:
        yield missing_finding(result.missing)
    helping = _helping_controls(result)
    if helping:
        yield Finding(
            "control-helps",
            "warning",
            f"{listed(helping)} {'helps' if len(helping) == 1 else 'help'} {result.central.name}, "
            "although shuffled labels say nothing of an image: what helps is not what these labels "
            "mean, but learning beside anything. Compare with another baseline, such as weight "
            "decay or more steps.",
        )
    untaught = _not_learnt(result)
    if untaught:
        yield Finding(
            "auxiliary-not-learnt",
            "warning",
            f"{listed(untaught)}: test accuracy is not above that of always predicting the most "
            "frequent class, so what it is trained beside says nothing of the task. Train for "
            "more steps, or raise its `weight`.",
        )
    verdict = verdict_finding(result)
    if verdict is not None:
        yield verdict
    if result.trials and not any(arm.kind == "control" for arm in result.arms):
        yield Finding(
            "no-control",
            "note",
            "No arm has shuffled labels, so nothing tells what labels mean from learning beside "
            "anything; name an auxiliary task in `shuffled`.",
        )


def _helping_controls(result: CotrainingResult) -> list[str]:
    names = [
        row.arm
        for row in result.differences
        if row.outcome == "helps" and result.kind_of(row.arm) == "control"
    ]
    return list(dict.fromkeys(names))


def _not_learnt(result: CotrainingResult) -> list[str]:
    """Return the auxiliary tasks that no arm of their own has learnt, with any number of labels."""
    untaught = []
    for task in result.auxiliary:
        own = [
            (row, trial.tasks[1].base_rate)
            for row in result.summary
            for trial in result.trials
            if row.arm == trial.arm == task.name and row.labels == trial.labels
        ]
        rated = [
            row.auxiliary[task.name].mean - rate
            for row, rate in own
            if rate is not None and task.name in row.auxiliary
        ]
        if task.metric == "accuracy" and rated and max(rated) < MARGIN:
            untaught.append(task.name)
    return untaught
