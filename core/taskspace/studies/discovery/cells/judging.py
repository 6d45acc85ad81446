"""Networks that learn one column of labels, and what they say of images that none has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from taskspace.components import Call, Result
from taskspace.learning.examples import stored_rows
from taskspace.learning.fitting.fit import fit
from taskspace.learning.fitting.progress import Learner, shuffles
from taskspace.learning.networks import settled
from taskspace.learning.training import Training
from taskspace.studies.discovery.cells.class_ids import ClassIds
from taskspace.studies.discovery.cells.networks import labelling_network, outputs_of
from taskspace.studies.discovery.cells.rows import call_rows

TOGETHER = 16
"""Networks that learn in step."""


def train_judges(calls: Sequence[Call]) -> Iterator[tuple[int, Result | Exception]]:
    """Train a network on a column of labels; return its class for each test image.

    The record has its accuracy on what it has learnt: whether a label was learnt at all.
    """
    first = calls[0]
    with settled(first.cpus):
        rows = call_rows(first)
        images, tests = (stored_rows(first, "image", "image", part) for part in rows)
        numbered = list(enumerate(calls))
        for start in range(0, len(calls), TOGETHER):
            together = numbered[start : start + TOGETHER]
            learners = []
            for _, call in together:
                seed, classes = call.parameters["seed"], call.parameters["classes"]
                targets = torch.from_numpy(column(call)[rows.train]).to(first.device)
                learners.append(
                    Learner(
                        call.name,
                        labelling_network(call, classes, seed, "network"),
                        images,
                        targets,
                        ClassIds(classes=classes),
                        shuffles(seed),
                        checkpoint=call.checkpoint,
                    )
                )
            fit(learners, Training(**first.parameters["train"]))
            for (index, _), learner in zip(together, learners, strict=True):
                if learner.error:
                    yield index, learner.error
                    continue
                learnt = outputs_of(learner.network, images).argmax(1)
                right = learnt == torch.as_tensor(learner.targets[torch.arange(len(learnt))]).cpu()
                new = outputs_of(learner.network, tests).argmax(1)
                yield (
                    index,
                    Result(
                        {"fitted": float(right.double().mean())},
                        {"predictions": new.numpy().astype(np.int16)},
                    ),
                )


def column(call: Call) -> np.ndarray:
    """Return the labels [N] of the call's task, class ids."""
    labels: np.ndarray = call.inputs["labels"].array("labels")[:, call.parameters["task"]]
    return labels.astype(np.int64)
