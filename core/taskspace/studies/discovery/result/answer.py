"""The answer of a job: its result as JSON, what its report shows, tables of the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from taskspace.components import Answer, Encoder, MissingCell, Stored
from taskspace.studies.discovery.job import SphereSearch
from taskspace.studies.discovery.plan.facts import image_of
from taskspace.studies.discovery.plan.sets import TaskSet
from taskspace.studies.discovery.plan.state import DiscoveryState
from taskspace.studies.discovery.result.findings import discovery_findings
from taskspace.studies.discovery.result.ladder import gain_records, rung_records, set_records
from taskspace.studies.discovery.result.model import (
    AbsentClasses,
    DiscoveryResult,
    FrozenRecord,
    ImageCounts,
    NamedMatch,
    SearchRecord,
)
from taskspace.studies.discovery.result.names import (
    KNOWN,
    LABELS,
    SCORES,
    USED,
    WEIGHTS,
    picture_name,
    set_name,
)
from taskspace.studies.discovery.result.split_records import split_records
from taskspace.studies.discovery.result.tables import result_tables

SIDE = 96
"""Pixels of the shorter side of a picture on the page, or up to twice as many."""


def discovery_answer(state: DiscoveryState) -> Answer:
    """Return the answer for what has been found and judged."""
    sets = set_records(state)
    rungs = rung_records(state, sets)
    failures = tuple(state.failures())
    frozen = list(_frozen(state))
    job = state.plan.job
    result = DiscoveryResult(
        study="discovery",
        name=job.name,
        seed=job.seed,
        judges=job.judges,
        images=ImageCounts(learnt=len(state.rows.train), test=len(state.rows.test)),
        searches=[_search(state, search) for search in job.discover],
        rungs=rungs,
        gains=gain_records(rungs, sets),
        sets=sets,
        splits=split_records(state),
        frozen=frozen,
        interval="95 % intervals by Student's t over repetitions",
        absent=list(_absent(state)),
        missing=[MissingCell(cell=each.cell.name, message=each.message) for each in failures],
    )
    artifacts = dict(_arrays(state))
    searched = any(name.startswith((f"{LABELS}/", f"{SCORES}/")) for name in artifacts)
    return Answer(
        result=result,
        artifacts=artifacts,
        tables=tuple(table for table in result_tables(result) if table.rows),
        findings=tuple(discovery_findings(result)),
        failures=failures,
        solved=bool(rungs or frozen or searched),
    )


def _search(state: DiscoveryState, search: SphereSearch) -> SearchRecord:
    network, sees = state.plan.sphere_encoders(search)
    return SearchRecord(
        name=search.as_,
        image=list(image_of(state.plan.dataset)),
        network=None if network is None else _as_written(network),
        sees=None if sees is None else _as_written(sees),
    )


def _as_written(encoder: Encoder) -> dict[str, Any]:
    """Return an encoder as a job writes it, with every parameter."""
    return {"use": encoder.name, **encoder.spec().parameters}


def _absent(state: DiscoveryState) -> Iterator[AbsentClasses]:
    import torch  # noqa: PLC0415  showing a run needs no torch

    fields = state.plan.dataset.fields()
    for name, ids in state.known.items():
        for part, rows in (("learnt", state.rows.train), ("test", state.rows.test)):
            absent = np.setdiff1d(np.arange(state.plan.counts[name]), ids[rows])
            if len(absent):
                words = state.plan.tasks[name].words(torch.from_numpy(absent), fields)
                yield AbsentClasses(task=name, part=part, classes=words)


def _frozen(state: DiscoveryState) -> Iterator[FrozenRecord]:
    for own, stored in state.sets():
        if own.name in state.plan.frozen:
            record = stored.record
            yield FrozenRecord(
                name=own.name,
                seed=own.seed,
                classes=own.classes,
                used=record["used"],
                loss=record["loss"],
                matches=[NamedMatch(**match) for match in record["matches"]],
            )


def _arrays(state: DiscoveryState) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what the report shows and what outlives the store: labels, scores, weights, pictures.

    With them a split can be written, and a discovered task stand in another job, from the run's
    folder alone.
    """
    searches = {search.as_: search for search in state.plan.job.discover}
    found = {*searches, *state.plan.frozen, *(search.as_ for search in state.plan.job.free)}
    yield USED, state.used.astype(np.int32)
    for name, ids in state.known.items():
        yield f"{KNOWN}/{name}", ids.astype(np.int32)
    for own, stored in state.sets():
        if own.name not in found:
            continue
        yield set_name(LABELS, own.name, own.seed), np.array(stored.array("labels"))
        if own.name not in searches and own.name not in state.plan.frozen:
            continue
        yield set_name(SCORES, own.name, own.seed), np.array(stored.array("scores"))
        if own.name in searches:
            # safetensors gives them in an order that changes with every process.
            for part, weight in sorted(stored.weights().items()):
                yield f"{set_name(WEIGHTS, own.name, own.seed)}/{part}", weight.numpy()
        if own.seed == 0 and state.plan.job.shown:
            yield from _pictures(state, own, stored)


def _pictures(
    state: DiscoveryState, own: TaskSet, stored: Stored
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the test images that are most of each class, [n, C, H, W] of 0 to 255."""
    channels, height, _ = image_of(state.plan.dataset)
    parts = state.every(state.plan.stored.images)
    if channels not in (1, 3) or height < 2 or not parts:
        return
    tests, most = state.rows.test, state.plan.job.shown
    logits = stored.array("logits")
    length = len(parts[0].array("image"))
    for number in range(own.tasks):
        for label in range(own.classes):
            shown = tests[np.argsort(-logits[tests, number, label], kind="stable")[:most]]
            images = [
                parts[row // length].array("image")[row % length].astype(np.float32)
                * (255 / (parts[row // length].record["levels"]["image"] or 1))
                for row in shown
            ]
            pixels = np.clip(np.round(shrunk(np.stack(images))), 0, 255).astype(np.uint8)
            yield picture_name(own.name, number + 1, label), pixels


def shrunk(images: np.ndarray) -> np.ndarray:
    """Return images [n, C, H, W] whose sides are under twice `SIDE`: means of squares of pixels.

    A page of 32 tasks on photographs of 224 pixels would be a hundred megabytes.
    """
    count, channels, height, width = images.shape
    by = max(1, min(height, width) // SIDE)
    rows, columns = height // by, width // by
    squares = images[:, :, : rows * by, : columns * by].reshape(
        count, channels, rows, by, columns, by
    )
    means: np.ndarray = squares.mean(axis=(3, 5))
    return means
