"""A task with a sample that it can be tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from taskspace.components import DenseHead, Example, Field, Sample, Task
from taskspace.registry.conformance.subject import NotApplicable, Subject

if TYPE_CHECKING:
    import torch

COUNT = 8


@dataclass(frozen=True)
class Trial:
    """A task, the fields of a dataset and some of its samples."""

    task: Task
    fields: Mapping[str, Field]
    sample: Sample

    def example(self, sample: Sample | None = None, seed: int = 0) -> Example:
        """Return the example of a sample under a generator of its own."""
        import torch  # noqa: PLC0415

        return self.task.example(sample or self.sample, torch.Generator().manual_seed(seed))

    def prediction(self, seed: int = 1) -> torch.Tensor:
        """Return a made-up prediction of the shape of the task's head."""
        import torch  # noqa: PLC0415

        head = self.task.head(self.fields)
        images = self.sample["image"]
        shape = (
            (len(images), head.channels, *images.shape[2:])
            if isinstance(head, DenseHead)
            else (len(images), head.size)
        )
        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    def without_labels(self) -> tuple[Sample, torch.Tensor]:
        """Return the sample with every other image's labels missing, and which those are [B].

        Raises:
            NotApplicable: if all labels come from the image itself.
        """
        import torch  # noqa: PLC0415

        labels = sorted(self.task.needs() - {"image"})
        if not labels:
            raise NotApplicable("Its labels come from the image itself.")
        missing = torch.arange(len(self.sample["image"])) % 2 == 1
        changed = dict(self.sample)
        for name in labels:
            changed[name] = self.sample[name].clone()
            changed[name][missing] = torch.nan if self.fields[name].classes is None else -1
        return changed, missing


def try_out(subject: Subject) -> Trial:
    """Return the task with the first samples of the dataset.

    Raises:
        NotApplicable: if the dataset lacks what the task needs.
    """
    task = subject.made(Task)
    fields = subject.dataset.fields()
    lacking = sorted(task.needs() - set(fields))
    if lacking:
        raise NotApplicable(f"Hand in a dataset with {', '.join(lacking)}.")
    sample = subject.dataset.read(range(min(COUNT, subject.dataset.length())))
    return Trial(task, fields, sample)
