"""The cells of the multitask study in this process, without an engine, on samples made up here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import torch

from taskspace.components import Checkpoint, Dataset, Field
from taskspace.learning.storing import store_examples, store_images
from taskspace_plugins.encoders.mlp import Mlp
from taskspace_plugins.readouts.linear import Linear
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.weightings.equal import Equal

CLASSES = ("no", "yes", "maybe")


class Made(Dataset):
    """Rows of eight numbers with labels that are given; -1 is missing."""

    name = "made"
    labels: dict[str, list[int]]
    said: list[str] | None = None

    def fingerprint(self):
        return "made"

    def length(self):
        return len(next(iter(self.labels.values())))

    def fields(self):
        classes = {name: Field((), CLASSES) for name in self.labels}
        return {"image": Field((1, 1, 8))} | classes

    def parts(self):
        return self.said

    def read(self, indices, fields=None):
        rows = np.asarray(indices)
        draw = torch.Generator().manual_seed(0)
        images = torch.rand(self.length(), 1, 1, 8, generator=draw)
        return {"image": images[rows]} | {
            name: torch.tensor(values)[rows] for name, values in self.labels.items()
        }


class Kept:
    """A result as cells read it back."""

    key = "kept"

    def __init__(self, result):
        self.record = json.loads(json.dumps(dict(result.record), allow_nan=False))
        self._arrays, self._weights = result.arrays, result.weights

    def array(self, name):
        return self._arrays[name]

    def weights(self):
        return dict(self._weights)


@dataclass
class FakeCall:
    """A cell as its function sees it."""

    name: str
    parameters: dict
    components: dict
    inputs: dict = field(default_factory=dict)
    device: str = "cpu"
    cpus: int = 1
    checkpoint: Checkpoint | None = None

    def identity(self, slot):
        return slot

    def component(self, slot, kind):
        assert isinstance(self.components[slot], kind)
        return self.components[slot]


def training(dataset, gating, tasks=None, **changes):
    """Return the call of a training, with what it reads."""
    tasks = tasks or {name: Classification(field=name) for name in dataset.labels}
    whole = {"start": 0, "stop": dataset.length(), "seed": 0}
    inputs = {"image0": Kept(store_images(FakeCall("images/0", whole, {"dataset": dataset})))}
    for number, (name, task) in enumerate(tasks.items()):
        call = FakeCall(f"examples/{name}/0", whole, {"dataset": dataset, "task": task})
        inputs[f"target{number}_0"] = Kept(store_examples(call))
    components = {"dataset": dataset, "encoder": Mlp(width=8, depth=2), "readout": Linear()}
    components |= {"gating": gating, "weighting": changes.pop("weighting", Equal())}
    components |= {f"task{number}": task for number, task in enumerate(tasks.values())}
    parameters = {
        "split": {"share": 0.25, "seed": 0},
        "size": None,
        "train": {"steps": 6, "batch": 4, "learning_rate": 0.01},
        "rules": ["task", "all"],
        "tasks": list(tasks),
        "seed": 5,
    }
    return FakeCall("train/it/all/0", parameters | changes, components, inputs)


def one_each(samples=40, tasks=2, seed=0):
    """Return samples that belong to one of several tasks."""
    draw = np.random.default_rng(seed)
    own, label = draw.integers(tasks, size=samples), draw.integers(3, size=samples)
    labels = {f"t{t}": np.where(own == t, label, -1).tolist() for t in range(tasks)}
    return Made(labels=labels)


def several(samples=40, tasks=2, seed=0):
    """Return samples that have the labels of all tasks."""
    draw = np.random.default_rng(seed)
    labels = {f"t{t}": draw.integers(3, size=samples).tolist() for t in range(tasks)}
    return Made(labels=labels)
