"""What is known of a job before anything is trained: its tasks, its images, its stages."""

from __future__ import annotations

from collections.abc import Mapping

from taskspace.components import Dataset, Encoder, Planner, Task
from taskspace.errors import DataError, InputError
from taskspace.learning.fields import check_fields
from taskspace.learning.splits import published_parts
from taskspace.learning.usable import check_installed
from taskspace.studies.cotraining.job import CotrainingJob


def tasks_of(job: CotrainingJob, dataset: Dataset, planner: Planner) -> dict[str, Task]:
    """Return the tasks as the job calls them, the central one first.

    Raises:
        InputError: if the dataset lacks a field that one needs, one needs what is not installed,
            or one is not trained.
        DataError: if one has no head on this dataset.
    """
    uses = [job.central, *(each.task for each in job.auxiliary)]
    tasks = {use.name: planner.component(use.spec(), Task) for use in uses}
    for name, task in tasks.items():
        check_fields(name, task, dataset, any_size=True)
        check_installed(task, f"tasks: {name}")
        if not task.trained:
            raise InputError(
                f"The task {name!r} is not trained, so it cannot be learnt beside another.",
                where=f"tasks: {name}",
                advice="Leave it out.",
            )
    return tasks


def check_images(job: CotrainingJob, dataset: Dataset) -> None:
    """Check that there may be as many training images as are asked for.

    Where no part is published, it is not known before the labels are read which images train.

    Raises:
        DataError: if there are fewer.
    """
    parts = published_parts(dataset)
    there = dataset.length() if parts is None else int((parts == "train").sum())
    wanted: Mapping[str, list[int]] = {
        "labels": job.labels or [],
        "auxiliary": [each.images for each in job.auxiliary if each.images is not None],
    }
    for key, counts in wanted.items():
        for count in counts:
            if count > there:
                raise DataError(
                    f"{count} images to train on are asked for, and there are {there} in all.",
                    where=key,
                    advice="Ask for fewer, or for none to train on all.",
                )


def shared_stages(job: CotrainingJob, encoder: Encoder) -> int:
    """Return how many stages of the encoder all tasks share.

    Raises:
        InputError: if it has fewer, or nothing in it is trained.
    """
    there = encoder.stage_count()
    if not encoder.trained:
        raise InputError(
            f"The encoder {encoder.name!r} has no weights that are trained, so tasks cannot help "
            "each other in it.",
            where="encoder",
            advice="Use one that is trained, such as `conv_pool`.",
        )
    if job.share is not None and job.share > there:
        raise InputError(
            f"{job.share} stages are to be shared, and the encoder {encoder.name!r} has {there}.",
            where="share",
            advice=f"Ask for {there} at most, or use a deeper encoder such as `conv_pool`.",
        )
    return there if job.share is None else job.share
