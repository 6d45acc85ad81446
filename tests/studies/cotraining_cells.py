"""The cell of the co-training study in this process, without an engine, on samples made up here."""

from __future__ import annotations

from typing import Any

from multitask_cells import FakeCall, Kept, Made, several

from taskspace.components import Dataset, Encoder, Task
from taskspace.learning.storing import store_examples, store_images
from taskspace.studies.cotraining.cells.arm import build_network
from taskspace.studies.cotraining.cells.learners import (
    arm_split,
    auxiliary_learner,
    central_learner,
)
from taskspace.studies.cotraining.cells.progress import ArmProgress
from taskspace.studies.cotraining.job import CentralTraining
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.tasks.labels.classification import Classification

SETTINGS = {"weight": 0.5, "batch": 6, "every": 1, "images": None, "shuffled": False}


def beside(name: str, **changes: Any) -> dict[str, Any]:
    """Return the settings of an auxiliary task."""
    return {"name": name, **SETTINGS, **changes}


def arm_call(
    *auxiliary: dict[str, Any],
    dataset: Dataset | None = None,
    tasks: dict[str, Task] | None = None,
    encoder: Encoder | None = None,
    **changes: Any,
) -> FakeCall:
    """Return the call of an arm whose central task is the first, `t0`."""
    dataset = dataset or several(tasks=3)
    if tasks is None and isinstance(dataset, Made):
        tasks = {name: Classification(field=name) for name in dataset.labels}
    tasks = tasks or {}
    whole = {"start": 0, "stop": dataset.length(), "seed": 0}
    inputs = {"image0": Kept(store_images(FakeCall("images/0", whole, {"dataset": dataset})))}
    components: dict[str, Any] = {"dataset": dataset, "encoder": encoder or Mlp(width=8, depth=2)}
    for number, name in enumerate(["t0", *(each["name"] for each in auxiliary)]):
        components |= {f"task{number}": tasks[name], f"readout{number}": Linear()}
        stored = FakeCall(f"examples/{name}", whole, {"dataset": dataset, "task": tasks[name]})
        inputs[f"task{number}_0"] = Kept(store_examples(stored))
    parameters = {
        "split": {"share": 0.25, "seed": 0},
        "labels": None,
        "share": 1,
        "train": {"steps": 6, "batch": 4, "learning_rate": 0.01},
        "central": "t0",
        "auxiliary": list(auxiliary),
        "seed": 5,
    }
    return FakeCall("train/it/all/0", parameters | changes, components, inputs)


def progress_of(call: FakeCall) -> ArmProgress:
    """Return the training of an arm before its first step."""
    split = arm_split(call)
    count = len(call.parameters["auxiliary"])
    learners = [central_learner(call, split)]
    learners += [auxiliary_learner(call, number + 1, split) for number in range(count)]
    training = CentralTraining(**call.parameters["train"])
    return ArmProgress(build_network(call), learners, training, call.checkpoint)
