"""What is known of a job before anything is trained: datasets, tasks of classes, models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from taskspace.components import Dataset, Encoder, Planner, Readout, Shape, Task, VectorHead
from taskspace.errors import InputError
from taskspace.jobs import TaskUse, Use
from taskspace.learning.fields import check_fields
from taskspace.learning.usable import usable_readout
from taskspace.studies.recommend.job import ExpertGroup, RecommendJob, TargetGroup


@dataclass(frozen=True)
class TaskGroup:
    """Tasks on one dataset, by the names of the job."""

    dataset: Dataset
    tasks: Mapping[str, Task]


@dataclass(frozen=True)
class TargetTasks(TaskGroup):
    """Tasks to be served.

    Attributes:
        place: counts the groups of targets from 0.
        sizes: the numbers of labelled images, in order.
    """

    place: int
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class ExpertTasks(TaskGroup):
    """Tasks whose networks are models to start from."""

    group: ExpertGroup
    encoder: Encoder
    decoder: Readout


@dataclass(frozen=True)
class Model:
    """A model to start from.

    Attributes:
        group: of an expert, whose task has the model's name; None for any other model.
    """

    name: str
    encoder: Encoder
    group: ExpertTasks | None = None

    @property
    def starts_from(self) -> str | None:
        """Return where its weights come from, in words; None where they are random."""
        if self.group is not None:
            return f"trained here on {self.name} ({self.group.dataset.name})"
        return self.encoder.starts_from()

    def image(self, dataset: Dataset) -> Shape:
        """Return the shape of the images that it reads."""
        own = dataset if self.group is None else self.group.dataset
        channels, height, width = own.fields()["image"].shape
        return channels, height, width


def targets_of(job: RecommendJob, planner: Planner) -> list[TargetTasks]:
    """Return the target tasks of a job, a group a dataset.

    Raises:
        InputError: for a task whose fields the dataset does not have, or that has no classes.
    """
    if job.dataset is None or job.tasks is None:
        raise TypeError("A job without a dataset has nothing to measure.")
    groups = [TargetGroup(dataset=job.dataset, tasks=job.tasks, images=job.images), *job.others]
    return [
        TargetTasks(
            *_opened(group.dataset, group.tasks, planner),
            place,
            tuple(sorted(set(group.images or job.images))),
        )
        for place, group in enumerate(groups)
    ]


def experts_of(job: RecommendJob, planner: Planner) -> list[ExpertTasks]:
    """Return the groups of experts of a job.

    Raises:
        InputError: for a task whose fields the dataset does not have.
    """
    return [
        ExpertTasks(
            *_opened(group.dataset, group.tasks, planner, classes=False),
            group,
            planner.component(group.encoder.spec(), Encoder),
            usable_readout(planner, group.decoder.spec(), where="experts: decoder"),
        )
        for group in job.experts
    ]


def models_of(job: RecommendJob, planner: Planner, experts: Sequence[ExpertTasks]) -> list[Model]:
    """Return all models of a job, those that were published first."""
    published = [Model(u.name, planner.component(u.spec(), Encoder)) for u in job.models]
    trained = [Model(name, group.encoder, group) for group in experts for name in group.tasks]
    return published + trained


def _opened(
    use: Use[Dataset], tasks: Sequence[TaskUse], planner: Planner, *, classes: bool = True
) -> tuple[Dataset, dict[str, Task]]:
    dataset = planner.component(use.spec(), Dataset)
    opened = {each.name: planner.component(each.spec(), Task) for each in tasks}
    for name, task in opened.items():
        check_fields(name, task, dataset)
        if classes and not has_classes(task, dataset):
            raise InputError(
                f"The task {name!r} does not predict a class of each image, and models are judged "
                "by how many classes they get right.",
                where=f"tasks: {name}",
                advice="Use tasks of classes, for example `classification` on a field of labels. "
                "Numbers become classes in a further column of labels, such as low and high.",
            )
    return dataset, opened


def has_classes(task: Task, dataset: Dataset) -> bool:
    """Return whether a task's targets are classes, one an image that is shown as it is."""
    import torch  # noqa: PLC0415  listing needs no torch

    fields = dataset.fields()
    head = task.head(fields)
    if not isinstance(head, VectorHead) or head.size < 2 or not task.plain_input:
        return False
    decoded = task.decode(torch.zeros(1, head.size))
    return not decoded.is_floating_point() and decoded.ndim == 1


def all_tasks(
    groups: Sequence[TargetTasks], images: int | None = None
) -> Iterator[tuple[TargetTasks, str]]:
    """Yield every task with its group, in the order of the job; those with so many images."""
    for group in groups:
        if images is None or images in group.sizes:
            for name in group.tasks:
                yield group, name
