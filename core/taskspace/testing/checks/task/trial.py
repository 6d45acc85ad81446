"""A task with a sample that it can be tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from taskspace.components import DenseHead, Example, Field, Loss, Sample, Task, VectorHead
from taskspace.testing.subject import NotApplicable, Subject, returned

COUNT = 8


@dataclass(frozen=True)
class TaskTrial:
    """A task, the fields of a dataset and some of its samples."""

    task: Task
    fields: Mapping[str, Field]
    sample: Sample

    def example(self, sample: Sample | None = None) -> Example:
        """Return the example of a sample under a generator of its own."""
        made = self.task.example(sample or self.sample, torch.Generator().manual_seed(0))
        wanted = "taskspace.components.Example(input, target)"
        example = returned("example()", made, Example, wanted)
        for part, values in zip(Example._fields, example, strict=True):
            what = "target()" if part == "target" else "example().input"
            returned(what, values, torch.Tensor, "a torch.Tensor")
        return example

    def loss(self, prediction: torch.Tensor, target: torch.Tensor) -> Loss:
        """Return what the task's loss gives, which must be a `Loss`."""
        return _judged("loss()", self.task.loss(prediction, target))

    def measure(self, prediction: torch.Tensor, target: torch.Tensor) -> Loss:
        """Return what the task's metric gives, which must be a `Loss`."""
        return _judged("measure()", self.task.measure(prediction, target))

    def prediction(self) -> torch.Tensor:
        """Return a made-up prediction of the shape of the task's head."""
        said = self.task.head(self.fields)
        wanted = "a VectorHead or a DenseHead of taskspace.components"
        head = said if isinstance(said, DenseHead) else returned("head()", said, VectorHead, wanted)
        shape = head.shape(self.task.input_shape(self.fields))
        return torch.randn(
            len(self.sample["image"]), *shape, generator=torch.Generator().manual_seed(1)
        )

    def without_labels(self) -> tuple[Sample, torch.Tensor]:
        """Return the sample with every other image's labels missing, and which those are [B].

        Raises:
            NotApplicable: if all labels come from the input itself.
        """
        labels = sorted(self.task.needs(self.fields) - self.task.inputs)
        if not labels:
            raise NotApplicable("Its labels come from the image itself.")
        missing = torch.arange(len(self.sample["image"])) % 2 == 1
        changed = dict(self.sample)
        for name in labels:
            changed[name] = self.sample[name].clone()
            changed[name][missing] = torch.nan if self.fields[name].classes is None else -1
        return changed, missing


def try_out(subject: Subject) -> TaskTrial:
    """Return the task with the first samples of the dataset.

    Raises:
        NotApplicable: if the dataset lacks what the task needs.
    """
    task = subject.made(Task)
    fields = subject.dataset.fields()
    if not task.needs(fields) <= set(fields):
        raise NotApplicable(unserved(task, fields))
    sample = subject.dataset.read(range(min(COUNT, subject.dataset.length())))
    return TaskTrial(task, fields, sample)


def unserved(task: Task, fields: Mapping[str, Field]) -> str:
    """Return what to say of a task whose fields no dataset has."""
    names = [repr(name) for name in sorted(task.needs(fields) - {"image"})]
    listed = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
    what = f"the field {listed}" if len(names) == 1 else f"the fields {listed} together"
    return f"No dataset of the kit, of taskspace or of this plugin has {what}."


def _judged(call: str, value: object) -> Loss:
    found = returned(call, value, Loss, "taskspace.components.Loss(value, valid)")
    for part, values in zip(Loss._fields, found, strict=True):
        returned(f"{call}.{part}", values, torch.Tensor, "a torch.Tensor [B]")
    return found
