"""Transfers: readouts on stored codes, trained in company, each a cell of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from time import perf_counter

import numpy as np
import torch

from taskspace.components import Call, Result
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, Rows, head_of, image_shape, labelled, targets_of
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.held_out import Division
from taskspace.learning.fitting.progress import Learner
from taskspace.learning.frozen.joined import JoinedRows
from taskspace.learning.networks import build_readout, measured, settled
from taskspace.learning.splits import indices_of
from taskspace.learning.training import HeldOutTraining
from taskspace.studies.taxonomy.cells.held_out import divide
from taskspace.studies.taxonomy.cells.measuring import previewed

MOST_PREDICTED = 1 << 22
"""How many numbers the readouts that train in step may predict in a step. Training takes some ten
times the memory, and beyond this the overhead that company saves is next to nothing."""
MOST_READ = 1 << 27
"""How many numbers the codes of all their transfer images may have; 512 MiB."""


def train_readouts(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Train the readouts of one target in step; return weights and losses on `select`.

    The inputs `code0`, `code1`, ... are the codes of the sources, concatenated channelwise, those
    of different sizes as `JoinedRows` does. With held-out images the record has each readout's own
    `best_epoch` and `held_out_loss`.
    """
    with settled(calls[0].cpus):
        first = calls[0]
        learned, selected = (indices_of(first, split) for split in ("transfer", "select"))
        training = HeldOutTraining(**first.parameters["schedule"])
        targets, judged = targets_of(first, learned), targets_of(first, selected)
        share, there = training.held_out, labelled(first)[learned]
        division = divide(first, "transfer", there, share) if share else None
        numbered, size = list(enumerate(calls)), _company(calls, training.batch)
        for start in range(0, len(calls), size):
            together = numbered[start : start + size]
            learners = [_learner(call, targets, division) for _, call in together]
            fit(learners, training)
            for (index, call), learner in zip(together, learners, strict=True):
                if learner.error:
                    yield index, learner.error
                    continue
                data = Examples(_codes(call, "select"), judged)
                try:
                    result = measured(learner.network, call, data)
                except CellError as error:
                    yield index, error
                    continue
                kept = learner.best.record() if learner.best else {}
                record = {**result.record, **kept}
                yield index, Result(record, result.arrays, learner.network.state_dict())


def time_readout(call: Call) -> Result:
    """Return the seconds in which the readout trains alone; its weights are kept elsewhere.

    They are no part of the readout's own result, which is the same in every run.
    """
    with settled(call.cpus):
        training = HeldOutTraining(**call.parameters["schedule"])
        learned, share = indices_of(call, "transfer"), training.held_out
        division = divide(call, "transfer", labelled(call)[learned], share) if share else None
        learner = _learner(call, targets_of(call, learned), division)
        started = perf_counter()
        fit([learner], training)
        seconds = perf_counter() - started
        if learner.error:
            raise learner.error
        return Result({"seconds": seconds})


def measure_readouts(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Return per-image losses [N] on `test` of the readouts in the input `readout`."""
    with settled(calls[0].cpus):
        targets = targets_of(calls[0], indices_of(calls[0], "test"))
        for index, call in enumerate(calls):
            codes = _codes(call, "test")
            network = build_readout(call, "readout", codes.shape[1:])
            network.load_state_dict(call.inputs["readout"].weights())
            try:
                yield index, previewed(network, call, Examples(codes, targets))
            except CellError as error:
                yield index, error


def _company(calls: Sequence[Call], batch: int) -> int:
    """Return how many readouts train in step: as many as fit into memory, and no one's concern."""
    head, image = head_of(calls[0]), image_shape(calls[0])
    numbers = prod(head.shape(image))
    read = max(sum(part.size for part in _parts(call, "transfer")) for call in calls)
    return max(1, min(MOST_PREDICTED // (batch * numbers), MOST_READ // read))


def _learner(call: Call, targets: Rows, division: Division | None) -> Learner:
    codes = _codes(call, "transfer")
    readout = build_readout(call, "readout", codes.shape[1:])
    return Learner.of(call, readout, Examples(codes, targets), division)


def _codes(call: Call, split: str) -> Rows:
    """Return the sources' codes [N, sum of c, h, w] on the device."""
    parts = _parts(call, split)
    if len({part.shape[2:] for part in parts}) == 1:
        return torch.from_numpy(np.concatenate(parts, axis=1)).to(call.device)
    return JoinedRows([torch.from_numpy(np.array(part)).to(call.device) for part in parts])


def _parts(call: Call, split: str) -> list[np.ndarray]:
    """Return the codes of each source [N, c, h, w], memory-mapped."""
    return [
        np.asarray(call.inputs[f"code{i}"].array(split)) for i in range(call.parameters["order"])
    ]
