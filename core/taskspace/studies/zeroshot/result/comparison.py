"""Methods over repetitions, and their paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from taskspace.learning.records import IntervalRecord, interval_record
from taskspace.learning.statistics import Interval, holm, paired_p_value
from taskspace.studies.zeroshot.result.model import (
    MethodDifference,
    MethodRecord,
    PhaseRecord,
    SummaryRecord,
    ZeroshotTrial,
)

COMPARED = ("unseen", "auc_1")
SINGLE = ("best_seen", "best_unseen", "harmonic_mean", "geometric_mean")


def measures_of(phase: PhaseRecord, fields: Sequence[str]) -> dict[str, float]:
    """Return the numbers that are compared, by name; what is not known is absent."""
    found: dict[str, float | None] = {"unseen": phase.unseen[0]}
    found |= {f"auc_{k}": value for k, value in enumerate(phase.auc, start=1)}
    found |= {name: getattr(phase, name) for name in SINGLE}
    found |= {f"word:{field}": own for field, own in zip(fields, phase.words, strict=False)}
    return {name: value for name, value in found.items() if value is not None}


def summaries(trials: Sequence[ZeroshotTrial], fields: Sequence[str]) -> list[SummaryRecord]:
    """Return each method with each vectors on each part, over repetitions."""
    groups: dict[tuple[str, str, str], list[dict[str, float]]] = {}
    for trial in trials:
        for part, phase in trial.evaluation.items():
            key = (trial.method, trial.vectors, part)
            groups.setdefault(key, []).append(measures_of(phase, fields))
    return [
        SummaryRecord(method=method, vectors=vectors, part=part, measures=_over(found))
        for (method, vectors, part), found in groups.items()
    ]


def differences(
    trials: Sequence[ZeroshotTrial], methods: Sequence[MethodRecord]
) -> list[MethodDifference]:
    """Return the paired difference of every two methods but the oracle, the later one first.

    The order of the job is thought of as the order of merit: designs stand as in Table 5.2, whose
    claims are then that all differences are positive.
    """
    names = [each.name for each in methods if each.kind != "oracle"]
    generators = {each.name for each in methods if each.kind == "generator"}
    result = []
    for measure in COMPARED:
        rows = _by_repetition(trials, measure)
        over = {}
        for second, first in combinations(names, 2):
            shared = sorted(rows.get(first, {}).keys() & rows.get(second, {}).keys())
            if shared:
                gaps = [rows[first][own] - rows[second][own] for own in shared]
                over[first, second] = interval_record(gaps)
        p_values = {pair: p for pair, own in over.items() if (p := _p_value(own)) is not None}
        among = {pair: p for pair, p in p_values.items() if set(pair) <= generators}
        p_values |= holm(among)
        result += [
            MethodDifference(
                measure=measure, first=pair[0], second=pair[1], over=own, p=p_values.get(pair)
            )
            for pair, own in over.items()
        ]
    return result


def control_gap(
    trials: Sequence[ZeroshotTrial], method: str, vectors: str
) -> IntervalRecord | None:
    """Return unseen top-1 of a method minus that with a control's vectors, paired."""
    own: dict[str, dict[int, float]] = {}
    for trial in trials:
        if trial.method == method and "test" in trial.evaluation:
            value = trial.evaluation["test"].unseen[0]
            own.setdefault(trial.vectors, {})[trial.repetition] = value
    pairs = own.get("own", {}).keys() & own.get(vectors, {}).keys()
    gaps = [own["own"][each] - own[vectors][each] for each in sorted(pairs)]
    return interval_record(gaps) if gaps else None


def _over(found: Sequence[Mapping[str, float]]) -> dict[str, IntervalRecord]:
    names = dict.fromkeys(name for each in found for name in each)
    return {
        name: _share(interval_record([each[name] for each in found if name in each]))
        for name in names
    }


def _share(over: IntervalRecord) -> IntervalRecord:
    """Return the interval of a share, which is nowhere below 0 or above 1."""
    if over.low is None or over.high is None:
        return over
    return over.model_copy(update={"low": max(0.0, over.low), "high": min(1.0, over.high)})


def _by_repetition(trials: Sequence[ZeroshotTrial], measure: str) -> dict[str, dict[int, float]]:
    rows: dict[str, dict[int, float]] = {}
    for trial in trials:
        if trial.vectors == "own" and "test" in trial.evaluation:
            value = measures_of(trial.evaluation["test"], ()).get(measure)
            if value is not None:
                rows.setdefault(trial.method, {})[trial.repetition] = value
    return rows


def _p_value(over: IntervalRecord) -> float | None:
    return paired_p_value(Interval(over.mean, over.low, over.high, over.repetitions))
