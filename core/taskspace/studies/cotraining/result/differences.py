"""Arms over repetitions, and what of their differences from the baseline is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskspace.learning.metrics import RISING
from taskspace.learning.records import interval_record
from taskspace.learning.statistics import (
    LEVEL,
    Interval,
    deviation,
    holm,
    interval,
    paired_p_value,
    repetitions_needed,
)
from taskspace.studies.cotraining.job import BASELINE
from taskspace.studies.cotraining.result.model import (
    ArmDifference,
    ArmSummary,
    ArmTrial,
    Outcome,
)

ALPHA = 1 - LEVEL
"""Probability, at most, with which any difference is called shown that is none."""

LEAST = 3
"""Repetitions below which nothing is called shown: two accuracies may differ alike by chance."""


def summaries(trials: Sequence[ArmTrial]) -> list[ArmSummary]:
    """Return each arm with each number of labels over its repetitions, few labels first.

    An arm whose central metric nothing could be measured by has no row.
    """
    groups: dict[tuple[int, str], list[ArmTrial]] = {}
    for trial in sorted(trials, key=lambda each: each.labels):
        groups.setdefault((trial.labels, trial.arm), []).append(trial)
    return [
        ArmSummary(
            arm=arm,
            labels=labels,
            repetitions=len(own),
            metric=interval_record(_known(each.central.metric for each in own)),
            further={
                name: interval_record(values)
                for name in list(own[0].central.overall)[1:]
                if (values := _known(each.central.overall[name] for each in own))
            },
            loss=interval_record(_known(each.central.loss for each in own)),
            auxiliary={
                task.name: interval_record(values)
                for place, task in enumerate(own[0].tasks)
                if place and (values := _known(each.tasks[place].metric for each in own))
            },
        )
        for (labels, arm), own in groups.items()
        if _known(each.central.metric for each in own)
    ]


def differences(trials: Sequence[ArmTrial], metric: str) -> list[ArmDifference]:
    """Return the paired differences of all arms from the baseline, corrected for their number.

    Differences without an interval count as compared.

    Args:
        metric: of the central task, the one that counts or a further one.
    """

    def worth(trial: ArmTrial) -> float | None:
        return trial.central.overall.get(metric, trial.central.metric)

    baselines = {(each.labels, each.seed): worth(each) for each in trials if each.arm == BASELINE}
    pairs: dict[tuple[int, str], list[float]] = {}
    for trial in sorted(trials, key=lambda each: each.labels):
        base, own = baselines.get((trial.labels, trial.seed)), worth(trial)
        if trial.arm != BASELINE and base is not None and own is not None:
            pairs.setdefault((trial.labels, trial.arm), []).append(own - base)
    intervals = {claim: interval(values) for claim, values in pairs.items()}
    p_values = {claim: paired_p_value(found) for claim, found in intervals.items()}
    corrected = holm({claim: 1.0 if p is None else p for claim, p in p_values.items()})
    return [
        _difference(claim, metric, found, None if p_values[claim] is None else corrected[claim])
        for claim, found in intervals.items()
    ]


def _difference(
    claim: tuple[int, str], metric: str, found: Interval, p_value: float | None
) -> ArmDifference:
    labels, arm = claim
    spread = deviation(found)
    outcome: Outcome = "undecided"
    if p_value is not None and p_value <= ALPHA and found.repetitions >= LEAST:
        outcome = "helps" if (found.mean > 0) == (metric in RISING) else "hurts"
    return ArmDifference(
        arm=arm,
        labels=labels,
        metric=metric,
        **found._asdict(),
        deviation=spread,
        p_value=p_value,
        outcome=outcome,
        needed=None if spread is None else repetitions_needed(found.mean, spread),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
