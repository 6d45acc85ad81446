"""What networks make of the other half: by target and rule."""

from __future__ import annotations

import numpy as np

from taskspace.learning.records import interval_record
from taskspace.studies.discovery.plan.state import DiscoveryState
from taskspace.studies.discovery.result.model import SplitRecord


def split_records(state: DiscoveryState) -> list[SplitRecord]:
    """Return every rule of every target, lowest accuracy first."""
    accuracies: dict[tuple[str, str], dict[int, list[tuple[float, float]]]] = {}
    for trial, cell in state.plan.trials.items():
        record = state.record(cell)
        if record:
            own = accuracies.setdefault((trial.target, trial.rule), {})
            own.setdefault(trial.seed, []).append((record["accuracy"], record["learnt"]))
    records = [
        SplitRecord(
            target=target,
            rule=rule,
            splits=max(map(len, seeds.values())),
            accuracy=interval_record([_mean(own, 0) for own in seeds.values()]),
            least=interval_record([min(each[0] for each in own) for own in seeds.values()]),
            learnt=interval_record([_mean(own, 1) for own in seeds.values()]),
        )
        for (target, rule), seeds in accuracies.items()
    ]
    order = list(state.plan.job.splits.targets) if state.plan.job.splits else []
    return sorted(records, key=lambda record: (order.index(record.target), record.accuracy.mean))


def _mean(values: list[tuple[float, float]], which: int) -> float:
    return float(np.mean([value[which] for value in values]))
