"""Transfers: readouts on stored codes, trained in company, each a cell of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import Call, Readout, Result, Task
from taskspace.errors import CellError
from taskspace.studies.taxonomy.cells.data import Examples, examples, head_of, image_shape
from taskspace.studies.taxonomy.cells.networks import measured
from taskspace.studies.taxonomy.cells.numerics import seeded, settled
from taskspace.studies.taxonomy.cells.training import Learner, Schedule, fit, shuffles


def train_readouts(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Train the readouts of one target in step; return weights and losses on `select`.

    The inputs `code0`, `code1`, ... are the codes of the sources, concatenated channelwise.
    """
    with settled(calls[0].cpus):
        task = calls[0].component("task", Task)
        learners = []
        for call in calls:
            codes = _codes(call, "transfer")
            targets = examples(call, "transfer").targets
            learners.append(
                Learner(
                    call.name,
                    _readout(call, codes),
                    codes,
                    targets,
                    task,
                    shuffles(call.parameters["seed"]),
                )
            )
        fit(learners, Schedule.of(calls[0].parameters["schedule"]))
        for index, (call, learner) in enumerate(zip(calls, learners, strict=True)):
            if learner.error:
                yield index, learner.error
                continue
            try:
                result = _measured(call, learner.network, "select", task)
            except CellError as error:
                yield index, error
                continue
            yield index, Result(result.record, result.arrays, learner.network.state_dict())


def measure_readouts(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Return per-image losses [N] on `test` of the readouts in the input `readout`."""
    with settled(calls[0].cpus):
        for index, call in enumerate(calls):
            network = _readout(call, _codes(call, "test"))
            network.load_state_dict(call.inputs["readout"].weights())
            try:
                yield index, _measured(call, network, "test", call.component("task", Task))
            except CellError as error:
                yield index, error


def _measured(call: Call, network: nn.Module, split: str, task: Task) -> Result:
    data = Examples(_codes(call, split), examples(call, split).targets)
    return measured(network.to(call.device).eval(), data, task)


def _codes(call: Call, split: str) -> Tensor:
    """Return the sources' codes [N, sum of c, h, w] on the device."""
    parts = [
        np.asarray(call.inputs[f"code{i}"].array(split)) for i in range(call.parameters["order"])
    ]
    return torch.from_numpy(np.concatenate(parts, axis=1)).to(call.device)


def _readout(call: Call, codes: Tensor) -> nn.Module:
    channels, height, width = codes.shape[1:]
    with seeded(call.parameters["seed"], "readout"):
        network = call.component("readout", Readout).build(
            (channels, height, width), head_of(call), image_shape(call)
        )
    return network.to(call.device)
