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
        artifacts=_examples(state) | _maps(state) | _predictions(state),
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
        counts.append(
            CompositionCounts(
                repetition=repetition,
                seen=int(seen.sum()),
                unseen=int(np.logical_or.reduce(list(may.values())).sum()),
                untaught=record["untaught"],
                **_told(record["pairs"], seen, np.logical_or.reduce(list(may.values())), state),
                images=record["images"],
                chance={part: 1 / int(own.sum()) for part, own in may.items() if own.any()},
            )
        )
    return counts


def _told(
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
    if state.plan.dataset.compositions() is None:
        return None
    return str(getattr(state.plan.dataset, "split", "published"))


def _maps(state: ZeroshotState) -> dict[str, np.ndarray]:
    """Return the pictures as `map/<generator>/<kind>/<array>`."""
    return {
        f"map/{method}/{kind}/{name}": np.array(stored.array(name))
        for (method, kind), stored in state.maps.items()
        for name in ("real", "real_pair", "generated", "generated_pair", "noise", "noise_pair")
        if name in ("real", "real_pair", "generated", "generated_pair") or stored.record["noise"]
    }


def _examples(state: ZeroshotState) -> dict[str, np.ndarray]:
    """Return some images of unseen compositions as `example/image`, and what they are called.

    `example/truth` and `example/by/<method>` are numbers of compositions.
    """
    stored = next((own for cell in state.plan.examples if (own := state.get(cell))), None)
    compositions = state.get(state.plan.compositions[0])
    if stored is None or compositions is None:
        return {}
    samples = np.array(stored.array("sample"))
    found = {
        "example/image": np.array(stored.array("image")),
        "example/truth": np.array(compositions.array("pair"))[samples],
    }
    for trial, tested in state.trials.items():
        if trial == PlannedTraining(trial.method, 0):
            place = np.searchsorted(tested.array("tests"), samples)
            found[f"example/by/{trial.method}"] = np.array(tested.array("predicted"))[place]
    return found


def _predictions(state: ZeroshotState) -> dict[str, np.ndarray]:
    """Return what methods predict in the first repetition, as `prediction/<method>/<array>`.

    `truth` and `predicted` [n] are numbers of compositions, of all test images of unseen ones;
    only these may be predicted.
    """
    found: dict[str, np.ndarray] = {}
    compositions = state.get(state.plan.compositions[0])
    for trial, stored in state.trials.items():
        if compositions is not None and trial == PlannedTraining(trial.method, 0):
            place = f"prediction/{trial.method}"
            found[f"{place}/truth"] = np.array(compositions.array("pair"))[stored.array("tests")]
            found[f"{place}/predicted"] = np.array(stored.array("predicted"))
    return found
