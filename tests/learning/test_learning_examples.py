"""Images and examples are stored once, whichever study asks; labels that are no class are named."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
import torch

import taskspace
from taskspace.components import Dataset, Field, Loss, Task, VectorHead
from taskspace.components.losses import l2
from taskspace.errors import CellError
from taskspace.learning.storing import store_examples
from taskspace_plugins.tasks.labels.classification import Classification

LABELS = (0, 2, 7, -1)


class Numbers(Dataset):
    """Four grey images with a whole number each."""

    name: ClassVar[str] = "numbers"
    classes: int = 3

    def fields(self):
        return {
            "image": Field((1, 2, 2)),
            "label": Field((), classes=tuple("abcdefgh"[: self.classes])),
        }

    def fingerprint(self):
        return "numbers"

    def length(self):
        return len(LABELS)

    def read(self, indices, fields):
        values = torch.tensor(LABELS)[torch.as_tensor(indices)]
        return {"image": torch.zeros(len(values), 1, 2, 2), "label": values}


class Count(Task):
    """Predicts the whole number as a number: its targets are no classes."""

    name: ClassVar[str] = "count"
    requires: ClassVar[frozenset[str]] = frozenset({"image", "label"})
    size: int = 1

    def head(self, fields):
        return VectorHead(self.size)

    def target(self, sample):
        return sample["label"][:, None].expand(-1, self.size)

    def loss(self, prediction, target) -> Loss:
        return l2(prediction, target.float())


@dataclass
class Call:
    components: dict
    parameters: dict = field(default_factory=lambda: {"start": 0, "stop": len(LABELS), "seed": 0})
    name: str = "examples/label/0"
    inputs: dict = field(default_factory=dict)
    device: str = "cpu"
    cpus: int = 1

    def component(self, slot, kind):
        assert isinstance(self.components[slot], kind)
        return self.components[slot]


def stored(task: Task, classes: int):
    return store_examples(Call({"dataset": Numbers(classes=classes), "task": task}))


def test_classes_are_stored_with_what_is_missing_among_them():
    result = stored(Classification(field="label"), classes=8)
    assert result.arrays["target"].tolist() == list(LABELS)
    assert result.arrays["valid"].tolist() == [True, True, True, False]
    assert result.arrays["valid"].dtype == bool


def test_a_label_that_is_no_class_is_named():
    with pytest.raises(CellError, match=r"Sample 2 has the label 7.*classes 0 to 2"):
        stored(Classification(field="label"), classes=3)


@pytest.mark.parametrize("size", [1, 2])
def test_whole_numbers_that_are_no_classes_may_be_anything(size):
    result = stored(Count(size=size), classes=3)
    assert result.arrays["target"].shape == (len(LABELS), size)
    assert result.arrays["valid"].all()


def computed(run: taskspace.Run) -> set[str]:
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return {event["subject"] for event in events if event["kind"] == "done"}


def test_a_second_study_computes_no_image_and_no_label_again(tmp_path):
    places = {"store": tmp_path / "store", "runs": tmp_path / "runs", "executor": "inline"}
    tasks = ["identity", "parity"]
    multitask = {"study": "multitask", "name": "m", "dataset": "digits", "tasks": tasks,
                 "schemes": ["shared"], "encoder": {"use": "mlp", "width": 4},
                 "train": {"steps": 2}}  # fmt: skip
    first = computed(taskspace.run(multitask, **places))
    taxonomy = {"study": "taxonomy", "name": "t", "dataset": "digits", "tasks": tasks,
                "encoder": {"use": "small_conv", "width": 4}, "train": {"epochs": 1},
                "transfer": {"max_order": 1, "images": 60, "epochs": 1},
                "solve": {"budgets": [1], "random_policies": 5}}  # fmt: skip
    second = computed(taskspace.run(taxonomy, **places))
    data = {name for name in first if name.startswith(("images/", "examples/"))}
    assert {name.rpartition("/")[0] for name in data} == {
        "images", "examples/identity", "examples/parity"
    }  # fmt: skip
    assert not [name for name in second if name.startswith(("images/", "examples/"))]
