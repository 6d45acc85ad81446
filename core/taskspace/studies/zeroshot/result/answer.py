"""The answer of a job: its result as JSON, arrays of pictures, tables of the terminal, findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from taskspace.components import Answer, MissingCell, Stored
from taskspace.studies.zeroshot.plan.cells import ORACLE_NAME, PlannedTraining
from taskspace.studies.zeroshot.plan.facts import stays
from taskspace.studies.zeroshot.plan.state import ZeroshotState
from taskspace.studies.zeroshot.result.comparison import differences, summaries
from taskspace.studies.zeroshot.result.findings import zeroshot_findings
from taskspace.studies.zeroshot.result.model import (
    CompositionCounts,
    EncoderRecord,
    MethodRecord,
    ZeroshotResult,
    ZeroshotTrial,
)
from taskspace.studies.zeroshot.result.tables import difference_table, method_table

FEATURE_ARRAYS = ("real", "real_pair", "generated", "generated_pair")
NOISE_ARRAYS = ("noise", "noise_pair")


def zeroshot_answer(state: ZeroshotState) -> Answer:
    """Return the answer for what has been trained."""
    plan = state.plan
    trials = [_trial(trial, stored) for trial, stored in state.trials.items()]
    methods = _methods(state)
    failures = tuple(state.failures())
    first = state.record(plan.compositions[0])
    result = ZeroshotResult(
        study="zeroshot",
        name=plan.job.name,
        seed=plan.job.seed,
        fields=list(plan.fields),
        dataset=plan.dataset.name,
        split=_published_split(state),
        encoder=EncoderRecord(
            name=plan.encoder.name,
            starts_from=plan.encoder.starts_from(),
            learns=not stays(plan.encoder),
        ),
        lexicon=plan.lexicon.name,
        interval="95 % intervals by Student's t over repetitions",
        compositions=_counts(state),
        pairs=[list(words) for words in first.get("pairs", ())],
        alike=_alike(state),
        methods=methods,
        trials=trials,
        summary=summaries(trials, plan.fields),
        differences=differences(trials, methods),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    tables = [method_table(result, part) for part in ("val", "test")] + [difference_table(result)]
    return Answer(
        result=result,
        artifacts=_maps(state) | _predictions(state),
        tables=tuple(table for table in tables if table.rows),
        findings=tuple(zeroshot_findings(result)),
        failures=failures,
        solved=bool(trials) or bool(first),
    )


def _trial(trial: PlannedTraining, stored: Stored) -> ZeroshotTrial:
    record: dict[str, Any] = {
        name: stored.record[key]
        for name, key in {
            "evaluation": "evaluation",
            "quality": "quality",
            "slope": "slope",
            "losses": "curve",
            "parameters": "parameters",
        }.items()
        if key in stored.record
    }
    return ZeroshotTrial.model_validate(
        {
            "method": trial.method,
            "vectors": trial.vectors,
            "repetition": trial.repetition,
            **record,
        }
    )


def _methods(state: ZeroshotState) -> list[MethodRecord]:
    found = [
        MethodRecord(
            name=name,
            kind=component.kind,
            component=component.name,
            parameters=component.model_dump(mode="json"),
        )
        for name, component in state.plan.methods.items()
    ]
    return [*found, MethodRecord(name=ORACLE_NAME, kind="oracle", component=None)]


def _counts(state: ZeroshotState) -> list[CompositionCounts]:
    counts = []
    for repetition, cell in state.plan.compositions.items():
        record = state.record(cell)
        if not record:
            continue
        seen = np.array(record["seen"])
        may = {part: np.array(own) & ~seen for part, own in record["candidates"].items()}
        unseen = np.logical_or.reduce(list(may.values()))
        counts.append(
            CompositionCounts(
                repetition=repetition,
                seen=int(seen.sum()),
                unseen=int(unseen.sum()),
                untaught=record["untaught"],
                **_telling_words(record["pairs"], seen, unseen, state),
                images=record["images"],
                chance={part: 1 / int(own.sum()) for part, own in may.items() if own.any()},
            )
        )
    return counts


def _telling_words(
    pairs: Sequence[Sequence[str]], seen: np.ndarray, unseen: np.ndarray, state: ZeroshotState
) -> dict[str, Any]:
    """Return which words no seen composition has, and which fields alone tell unseen ones apart."""
    columns = list(zip(*pairs, strict=True))
    taught = [{w for w, own in zip(column, seen, strict=True) if own} for column in columns]
    hidden = [[w for w, own in zip(column, unseen, strict=True) if own] for column in columns]
    lost = [sorted(set(own) - known) for own, known in zip(hidden, taught, strict=True)]
    telling = [
        field
        for field, words in zip(state.plan.fields, hidden, strict=True)
        if 1 < len(words) == len(set(words))
    ]
    return {"unseen_words": [word for words in lost for word in words], "telling": telling}


def _alike(state: ZeroshotState) -> list[list[str]]:
    """Return the classes that are described alike in the first repetition that has vectors."""
    records = (state.record(cell) for cell in state.plan.words.values())
    return next((record["alike"] for record in records if record), [])


def _published_split(state: ZeroshotState) -> str | None:
    """Return how the dataset calls its split, where it was published with one."""
    published = state.plan.dataset.compositions()
    return None if published is None else published.split


def _maps(state: ZeroshotState) -> dict[str, np.ndarray]:
    """Return the pictures as `map/<generator>/<kind>/<array>`."""
    return {
        f"map/{method}/{kind}/{name}": np.array(stored.array(name))
        for (method, kind), stored in state.maps.items()
        for name in (*FEATURE_ARRAYS, *(NOISE_ARRAYS if stored.record["noise"] else ()))
    }


def _predictions(state: ZeroshotState) -> dict[str, np.ndarray]:
    """Return what the first repetition predicts for test images of unseen compositions.

    `prediction/truth` and `prediction/by/<method>` [n] are numbers of compositions; only unseen
    ones may be predicted. `example/image` are some of these images, and `example/place` says which.
    """
    compositions = state.get(state.plan.compositions[0])
    tested = {
        trial.method: stored
        for trial, stored in state.trials.items()
        if trial == PlannedTraining(trial.method, 0)
    }
    if compositions is None or not tested:
        return {}
    tests = next(iter(tested.values())).array("tests")
    arrays = {"prediction/truth": np.array(compositions.array("pair"))[tests]}
    for method, stored in tested.items():
        arrays[f"prediction/by/{method}"] = np.array(stored.array("predicted"))
    for examples in map(state.get, state.plan.examples):
        if examples is not None:
            arrays["example/image"] = np.array(examples.array("image"))
            arrays["example/place"] = np.searchsorted(tests, examples.array("sample"))
    return arrays
