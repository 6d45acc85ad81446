"""One arm, trained with one number of labels: the cell that all figures come from."""

from __future__ import annotations

from functools import cached_property
from math import isnan
from typing import Any

import numpy as np
from torch import nn

from taskspace.components import JSON, Call, Dataset, Encoder, Result
from taskspace.errors import CellError
from taskspace.learning.examples import Examples, image_shape, labelled
from taskspace.learning.networks import decoded_by, measured_by, settled
from taskspace.learning.splits import Split
from taskspace.studies.cotraining.cells.learners import (
    TaskLearner,
    arm_split,
    arm_task,
    auxiliary_learner,
    central_learner,
    class_ids,
    slot,
    task_examples,
)
from taskspace.studies.cotraining.cells.network import CotrainedNetwork, cotrained_network
from taskspace.studies.cotraining.cells.previews import previews
from taskspace.studies.cotraining.cells.progress import ArmProgress
from taskspace.studies.cotraining.cells.training import train
from taskspace.studies.cotraining.job import CentralTraining


def train_arm(call: Call) -> Result:
    """Train the central task with the auxiliary tasks of an arm, and test all of them.

    The record holds what is equal for equal cells, and under `timing` what is not. The weights
    are those of the whole network, the arrays pictures of a few test images.

    Raises:
        CellError: if too few images have a label, none has a central one to test by, or a loss
            stops being finite.
    """
    with settled(call.cpus):
        split = arm_split(call)
        count = 1 + len(call.parameters["auxiliary"])
        learners = [central_learner(call, split)]
        learners += [auxiliary_learner(call, number, split) for number in range(1, count)]
        network = build_network(call)
        tests = _Tests(call, split, network)

        def test() -> float | None:
            metric: float | None = tests.of(0)["metric"]
            return metric

        training = CentralTraining(**call.parameters["train"])
        progress = ArmProgress(network, learners, training, call.checkpoint)
        train(progress, None if training.eval_every is None else test, call.name)
        tested = [tests.of(number) for number in range(count)]
        shown = [tests.previews(number) for number in range(count)]
        record: dict[str, JSON] = {
            "tasks": [
                {**_learnt(learner, progress), **own}
                for learner, own in zip(learners, tested, strict=True)
            ],
            "words": [words for words, _ in shown],
            "curve": vars(progress.curve),
            "parameters": {
                "shared": _size(network.shared),
                "replicated": _size(network.replicated),
                "readouts": _size(network.readouts),
            },
            "timing": {"seconds_per_step": progress.busy / progress.steps},
        }
        pictures = {name: array for _, arrays in shown for name, array in arrays.items()}
        return Result(record, pictures, network.state_dict())


def build_network(call: Call) -> CotrainedNetwork:
    """Return the network of the call with the weights that its seed decides."""
    count = 1 + len(call.parameters["auxiliary"])
    network = cotrained_network(
        call.component("encoder", Encoder),
        call.parameters["share"],
        image_shape(call),
        [arm_task(call, number) for number in range(count)],
        call.parameters["seed"],
    )
    return network.to(call.device)


class _Tests:
    """The test images of each task that have its label; labels are never shuffled here."""

    def __init__(self, call: Call, split: Split, network: CotrainedNetwork) -> None:
        self._call = call
        self._network = network
        self._rows = []
        for number in range(len(network.readouts)):
            self._rows.append(split.test[labelled(call, slot(number))[split.test]])
        if not len(self._rows[0]):
            raise CellError(
                f"No test image has a label of the task {call.parameters['central']!r}.",
                where="test",
                advice="Label some of the images of the part `test`.",
            )

    @cached_property
    def central(self) -> Examples:
        """Return the examples of the central task, which may be asked for many times."""
        return task_examples(self._call, 0, self._rows[0])

    def of(self, number: int) -> dict[str, Any]:
        """Return the mean loss and metric of a task, the images, and the commonest class' share."""
        rows = self._rows[number]
        own: dict[str, Any] = {"tested": len(rows), "base_rate": self._base_rate(number)}
        if not len(rows):
            return {**own, "loss": None, "metric": None, "overall": {}}
        arm = arm_task(self._call, number)
        data = task_examples(self._call, number, rows) if number else self.central
        branch = self._network.branch(number)
        arrays = measured_by(branch, arm.task, arm.output, data).arrays
        # In float64, so that differences of equal accuracies are equal.
        own |= {key: float(np.nanmean(arrays[key].astype(np.float64))) for key in arrays}
        if not arm.task.overall:
            return {**own, "overall": {}}
        fields = self._call.component("dataset", Dataset).fields()
        decoded, targets = decoded_by(branch, arm.task, arm.output, data)
        whole = arm.task.measure_all(decoded, targets, fields)
        overall = {name: None if isnan(whole[name]) else whole[name] for name in arm.task.overall}
        return {**own, "metric": overall[arm.task.overall[0]], "overall": overall}

    def previews(self, number: int) -> tuple[dict[str, JSON], dict[str, np.ndarray]]:
        """Return what is shown of a task, as words and as pictures; nothing without test images."""
        rows, arm = self._rows[number], arm_task(self._call, number)
        if not len(rows):
            return {}, {}
        return previews(self._call, number, arm, self._network.branch(number), rows)

    def _base_rate(self, number: int) -> float | None:
        classes = class_ids(self._call, number)
        rows = self._rows[number]
        if classes is None or not len(rows):
            return None
        return float(np.bincount(classes[rows]).max() / len(rows))


def _learnt(learner: TaskLearner, progress: ArmProgress) -> dict[str, JSON]:
    return {
        "name": learner.name,
        "images": len(learner.data.targets),
        "seen": progress.seen[learner.number],
    }


def _size(module: nn.Module) -> int:
    return sum(weights.numel() for weights in module.parameters())
