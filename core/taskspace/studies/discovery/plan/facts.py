"""What is known of a job before anything is searched: its images, its tasks, its controls."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import JSON, Dataset, Planner, Shape, Task, VectorHead
from taskspace.errors import DataError, InputError
from taskspace.learning.fields import check_fields
from taskspace.learning.splits import split_of
from taskspace.studies.discovery.job import OF_SEARCH, Control, DiscoveryJob

TASKS = 4
CLASSES = 2
"""Of controls where the job searches for no set that they could equal."""

WITHOUT: Mapping[Control, Mapping[str, JSON]] = {
    "start": {"steps": 0},
    "without_agreement": {"agreement": 0.0},
    "uniformity_only": {"agreement": 0.0, "entropy": 0.0, "uniformity": 1.0},
    "agreement_only": {"uniformity": 0.0, "entropy": 0.0, "warm_up": 0},
}
"""What a control changes of the job's first search."""


def image_of(dataset: Dataset) -> Shape:
    """Return the shape (C, H, W) of a dataset's images."""
    channels, height, width = dataset.fields()["image"].shape
    return channels, height, width


def tasks_of(job: DiscoveryJob, dataset: Dataset, planner: Planner) -> dict[str, Task]:
    """Return the tasks with labels by their names in the job.

    Raises:
        InputError: if one needs a field that is missing, or does not predict a class an image.
    """
    tasks = {use.name: planner.component(use.spec(), Task) for use in job.tasks}
    for name, task in tasks.items():
        check_fields(name, task, dataset)
        if class_count(task, dataset) is None:
            raise InputError(
                f"The task {name!r} does not predict one class for each image as it is, and "
                "discovered tasks do.",
                where=f"tasks: {name}",
                advice="Leave it out, or use a task of classes such as `classification`.",
            )
    return tasks


def class_count(task: Task, dataset: Dataset) -> int | None:
    """Return how many classes a task has; None where it predicts something else."""
    import torch  # noqa: PLC0415  listing needs no torch

    head = task.head(dataset.fields())
    if not isinstance(head, VectorHead) or head.size < 2 or not task.plain_input:
        return None
    decoded = task.decode(torch.zeros(1, head.size))
    return None if decoded.is_floating_point() or decoded.ndim != 1 else head.size


def compared_size(job: DiscoveryJob) -> tuple[int, int]:
    """Return how many tasks of how many classes the controls have: as the first search."""
    for search in (*job.discover, *job.free):
        return search.tasks, search.classes
    return TASKS, CLASSES


def controls_of(job: DiscoveryJob, counts: Mapping[str, int]) -> list[Control]:
    """Return the controls that a job can have.

    Args:
        counts: classes of each task with labels.

    Raises:
        InputError: if one is asked for that needs something the job does not have.
    """
    without = {control: why for control in job.controls if (why := _lacking(control, job, counts))}
    if "controls" in job.model_fields_set:
        for control in job.controls:
            if control in without:
                raise InputError(
                    f"The control {control!r} cannot be had: {without[control]}.",
                    where="controls",
                    advice="Leave it out, or add what it needs.",
                )
    return [control for control in job.controls if control not in without]


def _lacking(control: Control, job: DiscoveryJob, counts: Mapping[str, int]) -> str | None:
    """Return why a job cannot have a control; None where it can."""
    if control == "human" and all(count < compared_size(job)[1] for count in counts.values()):
        return "no task of `tasks` has as many classes as the discovered ones"
    if control not in OF_SEARCH:
        return None
    if not job.discover:
        return "nothing stands in `discover`"
    search = job.discover[0]
    changed = search.model_copy(update=WITHOUT[control])
    if changed.parameters() == search.parameters():
        return f"it is the search {search.as_!r} itself"
    if changed.steps and not changed.agreement and not changed.others_move():
        return f"nothing else moves the labels of the search {search.as_!r}"
    return None


def check_images(job: DiscoveryJob, dataset: Dataset) -> None:
    """Check that there are enough images for the batches of every search.

    Raises:
        DataError: if there are fewer than are asked for, or than two batches.
    """
    there = len(split_of(dataset, job.test, job.seed).train)
    if job.images is not None and job.images > there:
        raise DataError(
            f"There are {there} images to find tasks on, and {job.images} are asked for.",
            where="images",
            advice="Ask for fewer, or leave `images` out to use all.",
        )
    used = job.images or there
    where = "images" if job.images else "dataset"
    for search in (*job.discover, *job.free):
        if search.least_images() > used:
            smaller = f", or set `batch` of the search to {used // 2} or fewer" if used > 3 else ""
            raise DataError(
                f"The search {search.as_!r} needs two batches of {search.batch} images, one to "
                f"learn from and one to agree on; images to find tasks on: {used}.",
                where=where,
                advice=f"Add images{smaller}.",
            )
    for name, classes in (
        *((each.as_, each.classes) for each in (*job.discover, *job.free)),
        *((each.as_, each.classes) for each in job.frozen),
    ):
        if classes > used:
            raise DataError(
                f"The search {name!r} looks for {classes} classes; images to find them on: {used}.",
                where=where,
                advice="Add images, or set `classes` of the search to fewer.",
            )
