"""The ladder: every set of tasks by how far networks agree on it, and what that shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from taskspace.components import Stored
from taskspace.learning.records import interval_record
from taskspace.learning.statistics import Interval, holm, paired_p_value
from taskspace.studies.discovery.maths.agreement import agreement_score
from taskspace.studies.discovery.maths.similarity import similarity, similarity_matrix
from taskspace.studies.discovery.plan.sets import TaskSet
from taskspace.studies.discovery.plan.state import DiscoveryState, JudgedColumn
from taskspace.studies.discovery.result.model import (
    AgreementGain,
    JudgedTask,
    Kind,
    RungRecord,
    SetRecord,
    TaskMatch,
)

SAYS_NOTHING = ("random_labels",)
"""Sets whose labels of test images nobody could know."""


def set_records(state: DiscoveryState) -> list[SetRecord]:
    """Return every set that has been judged."""
    free = {search.as_ for search in state.plan.job.free}
    records = []
    for own, stored in state.sets():
        columns = state.columns(own, stored)
        if columns:
            known_test = own.name not in free and own.name not in SAYS_NOTHING
            records.append(_set_record(state, own, stored, columns, known_test=known_test))
    return records


def _set_record(
    state: DiscoveryState,
    own: TaskSet,
    stored: Stored,
    columns: Sequence[JudgedColumn],
    *,
    known_test: bool,
) -> SetRecord:
    names = stored.record.get("names") or [str(i + 1) for i in range(own.tasks)]
    labels = [column.labels[state.used] for column in columns]
    learnt = stored.record.get("learnt")
    return SetRecord(
        name=own.name,
        seed=own.seed,
        tasks=[
            _judged(state, column, names[column.number], own.classes, known_test=known_test)
            for column in columns
        ],
        similarity=similarity_matrix(labels).tolist(),
        learnt=learnt,
    )


def _judged(
    state: DiscoveryState, column: JudgedColumn, name: str, classes: int, *, known_test: bool
) -> JudgedTask:
    labels = column.labels[state.rows.test]
    present = labels >= 0
    score = agreement_score(column.predictions, np.where(present, labels, 0), classes)
    used = column.labels[state.used]
    shares = np.bincount(used[used >= 0], minlength=classes) / max((used >= 0).sum(), 1)
    right = (column.predictions == labels)[:, present]
    return JudgedTask(
        number=column.number + 1,
        name=name,
        agreement=score.mean,
        low=score.low,
        high=score.high,
        kappa=score.kappa,
        balance=float(shares.min()),
        accuracy=float(right.mean()) if known_test and right.size else None,
        fitted=column.fitted,
        matches=_matches(state, used, classes),
    )


def _matches(state: DiscoveryState, labels: np.ndarray, classes: int) -> list[TaskMatch]:
    """Return how alike labels are to known tasks of as many classes; others cannot be alike."""
    matches = [
        TaskMatch(task=name, similarity=similarity(labels, ids[state.used]))
        for name, ids in state.known.items()
        if state.plan.counts[name] == classes and ((labels >= 0) & (ids[state.used] >= 0)).any()
    ]
    return sorted(matches, key=lambda match: -match.similarity)


def rung_records(state: DiscoveryState, sets: Sequence[SetRecord]) -> list[RungRecord]:
    """Return all sets of each name together, highest agreement first."""
    named: dict[str, list[SetRecord]] = {}
    for record in sets:
        named.setdefault(record.name, []).append(record)
    sizes = {own.name: (own.tasks, own.classes) for own in state.plan.sets}
    searches = {search.as_ for search in (*state.plan.job.discover, *state.plan.job.free)}
    rungs = [
        _rung(name, "discovered" if name in searches else "control", *sizes[name], own)
        for name, own in named.items()
    ]
    return sorted(rungs, key=lambda rung: -rung.agreement.mean)


def _rung(name: str, kind: Kind, tasks: int, classes: int, sets: Sequence[SetRecord]) -> RungRecord:
    kappas = [
        float(np.mean([task.kappa for task in own.tasks if task.kappa is not None] or [np.nan]))
        for own in sets
    ]
    kappas = [kappa for kappa in kappas if not np.isnan(kappa)]
    pairs = [_pairs(own) for own in sets if len(own.tasks) > 1]
    return RungRecord(
        name=name,
        kind=kind,
        tasks=tasks,
        classes=classes,
        agreement=interval_record([mean_agreement(own) for own in sets]),
        kappa=interval_record(kappas) if kappas else None,
        balance=min(task.balance for own in sets for task in own.tasks),
        similarity=interval_record([float(own.mean()) for own in pairs]) if pairs else None,
        most_similar=max(float(own.max()) for own in pairs) if pairs else None,
    )


def mean_agreement(own: SetRecord) -> float:
    """Return the mean agreement score of a set."""
    return float(np.mean([task.agreement for task in own.tasks]))


def _pairs(own: SetRecord) -> np.ndarray:
    matrix = np.array(own.similarity, dtype=float)
    pairs: np.ndarray = matrix[np.triu_indices(len(matrix), 1)]
    return pairs


def gain_records(rungs: Sequence[RungRecord], sets: Sequence[SetRecord]) -> list[AgreementGain]:
    """Return every search beside every control of as many classes, paired by repetition."""
    means: dict[str, dict[int, float]] = {}
    for own in sets:
        means.setdefault(own.name, {})[own.seed] = mean_agreement(own)
    pairs = {
        (search.name, control.name): found
        for search in rungs
        if search.kind == "discovered"
        for control in rungs
        if control.kind == "control" and control.classes == search.classes
        if (found := _paired(means[search.name], means[control.name]))
    }
    intervals = {pair: interval_record(values) for pair, values in pairs.items()}
    p_values = {
        pair: p
        for pair, found in intervals.items()
        if (p := paired_p_value(Interval(found.mean, found.low, found.high, found.repetitions)))
        is not None
    }
    corrected = holm(p_values)
    return [
        AgreementGain(search=pair[0], control=pair[1], difference=found, p=corrected.get(pair))
        for pair, found in intervals.items()
    ]


def _paired(one: Mapping[int, float], other: Mapping[int, float]) -> list[float]:
    return [one[seed] - other[seed] for seed in sorted(one.keys() & other.keys())]
